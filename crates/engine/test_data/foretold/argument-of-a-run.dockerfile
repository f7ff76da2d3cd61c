#: arg VERSION=1
FROM example.org/stagelight/base AS build
RUN echo before > /before
ARG VERSION
RUN echo $VERSION > /version
FROM scratch
COPY --from=build /before /version /
#: then arg VERSION=2
