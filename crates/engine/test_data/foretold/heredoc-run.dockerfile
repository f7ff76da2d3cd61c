FROM example.org/stagelight/base
RUN <<EOF
echo first > /first
echo second > /second
EOF
RUN cat /first /second
