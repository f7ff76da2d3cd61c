FROM alpine
RUN cat <<EOF > /x && ls
body
EOF
