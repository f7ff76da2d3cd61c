FROM alpine
ENV A
LABEL b
ENV "A b"
RUN ok
