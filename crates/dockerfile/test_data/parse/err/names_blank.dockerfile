FROM alpine
ENV =x
LABEL a=b =c
ARG =x
