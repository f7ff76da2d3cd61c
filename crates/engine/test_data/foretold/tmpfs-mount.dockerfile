FROM stagelight-test/base
RUN --mount=type=tmpfs,target=/work echo x > /work/x && cat /work/x > /x
