FROM scratch
COPY --from=stagelight-test/base /etc/passwd /etc/passwd
