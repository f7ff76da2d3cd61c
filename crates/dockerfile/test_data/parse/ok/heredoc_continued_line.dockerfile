FROM alpine
RUN <<EOF \
 && cat
x
EOF
