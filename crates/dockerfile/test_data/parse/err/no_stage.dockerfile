RUN a
COPY b c
FROM alpine
RUN d
