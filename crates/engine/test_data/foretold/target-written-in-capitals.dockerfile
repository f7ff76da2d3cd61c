#: target BUILDER
FROM stagelight-test/base AS Builder
RUN echo built > /out
FROM scratch
COPY --from=builder /out /out
