FROM example.org/stagelight/base AS a
RUN echo a > /a
FROM example.org/stagelight/base AS unused
RUN echo never && false
FROM scratch
COPY --from=a /a /
