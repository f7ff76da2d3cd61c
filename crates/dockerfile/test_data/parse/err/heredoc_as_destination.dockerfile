FROM alpine
COPY a <<EOF
x
EOF
ADD ["b", "<<EOF"]
