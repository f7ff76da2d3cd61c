FROM alpine
RUN cat <<EOF|sh
x
EOF|sh
