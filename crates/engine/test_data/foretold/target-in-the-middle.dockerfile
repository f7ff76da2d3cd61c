#: target builder
FROM example.org/stagelight/base AS builder
RUN echo built > /out
FROM example.org/stagelight/base AS tester
COPY --from=builder /out /out
RUN cat /out
FROM scratch
COPY --from=tester /out /out
