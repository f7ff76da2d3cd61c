FROM alpine
RUN <<EOF
x
