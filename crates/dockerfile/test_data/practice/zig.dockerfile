# syntax=docker/dockerfile:1
FROM --platform=$BUILDPLATFORM alpine:3.22 AS zig
ARG BUILDARCH
ARG ZIG_VERSION=0.14.1
RUN apk add --no-cache curl xz \
    && case "$BUILDARCH" in \
         amd64) arch=x86_64 ;; \
         arm64) arch=aarch64 ;; \
         *) echo "unsupported: $BUILDARCH" >&2; exit 1 ;; \
       esac \
    && curl -fsSL "https://ziglang.org/download/${ZIG_VERSION}/zig-${arch}-linux-${ZIG_VERSION}.tar.xz" \
       | tar -xJ -C /opt \
    && ln -s "/opt/zig-${arch}-linux-${ZIG_VERSION}/zig" /usr/local/bin/zig

FROM zig AS build
ARG TARGETARCH
WORKDIR /src
COPY build.zig build.zig.zon ./
RUN --mount=type=cache,target=/root/.cache/zig zig build --fetch
COPY src src
RUN --mount=type=cache,target=/root/.cache/zig \
    case "$TARGETARCH" in \
      amd64) target=x86_64-linux-musl ;; \
      arm64) target=aarch64-linux-musl ;; \
    esac \
    && zig build -Doptimize=ReleaseSafe -Dtarget="$target" --prefix /out

FROM scratch
COPY --from=build /out/bin/server /server
USER 10001:10001
EXPOSE 8080
ENTRYPOINT ["/server"]
