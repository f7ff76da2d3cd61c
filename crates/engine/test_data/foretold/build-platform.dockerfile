FROM --platform=$BUILDPLATFORM example.org/stagelight/base AS build
ARG TARGETARCH
RUN echo $TARGETARCH > /arch
FROM scratch
COPY --from=build /arch /arch
