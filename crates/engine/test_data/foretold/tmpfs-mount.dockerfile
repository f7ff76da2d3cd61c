FROM example.org/stagelight/base
RUN --mount=type=tmpfs,target=/work echo x > /work/x && cat /work/x > /x
