FRM alpine
RUN a
