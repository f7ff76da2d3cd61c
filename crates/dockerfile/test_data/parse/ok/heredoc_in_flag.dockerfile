FROM alpine
COPY --chown=a <<EOF /a
x
EOF
