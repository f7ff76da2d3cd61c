#: fails 2 37
FROM example.org/stagelight/base AS build
RUN echo going to fail; sleep 1; exit 37
FROM example.org/stagelight/base AS other
RUN sleep 20
FROM scratch
COPY --from=build /x /
COPY --from=other /y /
