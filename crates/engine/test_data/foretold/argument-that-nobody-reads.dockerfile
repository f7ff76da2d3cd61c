#: arg OTHER=1
FROM stagelight-test/base AS build
RUN echo x > /x
FROM stagelight-test/base AS unused
ARG OTHER
RUN echo $OTHER
FROM scratch
COPY --from=build /x /
#: then arg OTHER=2
