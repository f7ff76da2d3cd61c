#: files a
FROM example.org/stagelight/base AS build
RUN echo x > /x
FROM example.org/stagelight/base
COPY --link a /a
COPY --link --from=build /x /x
#: then edit a
