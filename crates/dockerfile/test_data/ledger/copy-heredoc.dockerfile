FROM scratch
COPY <<EOF /etc/app.conf
a=1
EOF
COPY <<one.txt <<two.txt /files/
1
one.txt
2
two.txt
