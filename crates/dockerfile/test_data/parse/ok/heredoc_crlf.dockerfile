FROM alpine
RUN <<EOF
x
EOF
RUN b
