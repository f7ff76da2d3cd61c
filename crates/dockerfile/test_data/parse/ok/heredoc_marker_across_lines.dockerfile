FROM alpine
RUN <<E\
OF
x
EOF
