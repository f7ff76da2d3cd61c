FROM alpine
RUN <<"EOF"
$a
EOF
RUN <<'A b'
x
A b
RUN <<E"O"F
x
EOF
RUN <<\EOF
x
EOF
