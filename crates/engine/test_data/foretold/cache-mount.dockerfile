FROM example.org/stagelight/base AS build
RUN --mount=type=cache,target=/cache echo kept > /cache/x && cp /cache/x /x
FROM scratch
COPY --from=build /x /x
