FROM alpine
RUN [ -f x ] && y
