#: fails 2 37
FROM stagelight-test/base AS build
RUN echo going to fail; sleep 1; exit 37
FROM stagelight-test/base AS other
RUN sleep 20
FROM scratch
COPY --from=build /x /
COPY --from=other /y /
