#: arg OTHER=1
FROM example.org/stagelight/base AS build
RUN echo x > /x
FROM example.org/stagelight/base AS unused
ARG OTHER
RUN echo $OTHER
FROM scratch
COPY --from=build /x /
#: then arg OTHER=2
