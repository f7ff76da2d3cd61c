#: target builder
FROM stagelight-test/base AS builder
RUN echo built > /out
FROM stagelight-test/base AS tester
COPY --from=builder /out /out
RUN cat /out
FROM scratch
COPY --from=tester /out /out
