ARG A
ENV =x
FROM alpine
