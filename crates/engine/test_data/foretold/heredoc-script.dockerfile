FROM example.org/stagelight/base
COPY --chmod=755 <<"EOF" /run.sh
#!/bin/sh
echo $HOME > /home.txt
EOF
RUN /run.sh
