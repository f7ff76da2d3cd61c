#: target BUILDER
FROM example.org/stagelight/base AS Builder
RUN echo built > /out
FROM scratch
COPY --from=builder /out /out
