FROM alpine
RUN <<EOF
echo a

# kept
b \
EOF
RUN after
