#: fails 4
FROM stagelight-test/base AS build
RUN echo x > /x
FROM scratch
COPY --from=build /y /
