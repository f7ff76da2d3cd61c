FROM alpine 
RUN a 
