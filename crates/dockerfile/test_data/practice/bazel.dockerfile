# syntax=docker/dockerfile:1

# Bazel brings its own toolchains; the image needs what they need.
FROM debian:12-slim AS bazel
RUN apt-get update && apt-get install -y --no-install-recommends \
        build-essential ca-certificates curl git python3 \
    && rm -rf /var/lib/apt/lists/*
ARG TARGETARCH
ADD --chmod=755 https://github.com/bazelbuild/bazelisk/releases/download/v1.25.0/bazelisk-linux-${TARGETARCH} /usr/local/bin/bazel
RUN useradd --create-home --uid 1000 builder
USER builder
WORKDIR /home/builder/repo

FROM bazel AS build
COPY --chown=builder:builder . .
RUN --mount=type=cache,target=/home/builder/.cache,uid=1000,gid=1000 \
    bazel build --config=release //services/gateway:gateway && \
    cp -L bazel-bin/services/gateway/gateway_/gateway /tmp/gateway

FROM build AS test
RUN --mount=type=cache,target=/home/builder/.cache,uid=1000,gid=1000 \
    bazel test --test_output=errors //services/gateway/...

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /tmp/gateway /usr/local/bin/gateway
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/gateway"]
