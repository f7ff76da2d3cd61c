#: fails 4
FROM example.org/stagelight/base AS build
RUN echo x > /x
FROM scratch
COPY --from=build /y /
