FROM scratch
COPY --from=example.org/stagelight/base /etc/passwd /etc/passwd
