#: files a
FROM stagelight-test/base AS build
RUN echo x > /x
FROM stagelight-test/base
COPY --link a /a
COPY --link --from=build /x /x
#: then edit a
