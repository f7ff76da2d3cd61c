# syntax=docker/dockerfile:1

# A thumbnail service in Rust on top of libvips that is built from source,
# with heredocs for its scripts and configuration.

ARG RUST=1.89
ARG ALPINE=3.22
ARG VIPS_VERSION=8.17.1

# base-tools has what every stage that compiles needs
FROM alpine:${ALPINE} AS base-tools
RUN apk add --no-cache build-base meson ninja pkgconf curl tar xz

# ---------------------------------------------------------------- libvips

FROM base-tools AS vips-source
ARG VIPS_VERSION
WORKDIR /usr/src
RUN <<EOF
set -eux
curl -fsSLo vips.tar.xz "https://github.com/libvips/libvips/releases/download/v${VIPS_VERSION}/vips-${VIPS_VERSION}.tar.xz"
mkdir vips
tar -xJf vips.tar.xz --strip-components=1 -C vips
rm vips.tar.xz
EOF

FROM vips-source AS vips
RUN apk add --no-cache glib-dev expat-dev libjpeg-turbo-dev libpng-dev libwebp-dev
WORKDIR /usr/src/vips
RUN meson setup build --prefix=/opt/vips --buildtype=release -Dintrospection=disabled \
 && meson compile -C build \
 && meson install -C build \
 && rm -rf build

# vips-check proves that the library loads; nobody needs it for the image
FROM vips AS vips-check
RUN /opt/vips/bin/vips --version && /opt/vips/bin/vips list classes > /classes.txt

# ---------------------------------------------------------------- the service

FROM rust:${RUST}-alpine${ALPINE} AS rust-base
RUN apk add --no-cache musl-dev pkgconf glib-dev
COPY --from=vips /opt/vips /opt/vips
ENV PKG_CONFIG_PATH=/opt/vips/lib/pkgconfig \
    RUSTFLAGS="-C target-feature=-crt-static"
WORKDIR /app

FROM rust-base AS planner
RUN cargo install cargo-chef --locked --version 0.1.72
COPY . .
RUN cargo chef prepare --recipe-path recipe.json

FROM rust-base AS dependencies
COPY --from=planner /usr/local/cargo/bin/cargo-chef /usr/local/cargo/bin/
COPY --from=planner /app/recipe.json .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    cargo chef cook --release --recipe-path recipe.json

FROM dependencies AS test
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    cargo test --release --workspace

FROM dependencies AS bench
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=bind,from=vips-source,source=/usr/src/vips/test/test-suite/images,target=/samples \
    cargo bench -- --samples /samples

FROM dependencies AS build
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=secret,id=sentry,env=SENTRY_AUTH_TOKEN \
    cargo build --release --bin thumbnails \
 && strip target/release/thumbnails

# ---------------------------------------------------------------- images

# runtime has the shared libraries and an unprivileged user
FROM alpine:${ALPINE} AS runtime
RUN apk add --no-cache glib expat libjpeg-turbo libpng libwebp libgcc \
 && adduser -D -H -u 10001 thumbs
COPY --link --from=vips /opt/vips/lib/libvips.so.42 /opt/vips/lib/
COPY <<EOF /etc/ld-musl-x86_64.path
/lib
/usr/lib
/opt/vips/lib
EOF
COPY <<"EOF" /etc/thumbnails/config.toml
[server]
listen = "0.0.0.0:8080"

[cache]
directory = "/var/cache/thumbnails"
limit = "2GiB"
EOF
WORKDIR /var/cache/thumbnails
RUN chown thumbs /var/cache/thumbnails
USER thumbs

# debug adds symbols and a shell worth having
FROM runtime AS debug
USER root
RUN apk add --no-cache bash gdb strace
COPY --from=build /app/target/release/thumbnails /usr/local/bin/thumbnails
USER thumbs
CMD ["gdb", "--args", "thumbnails", "--config", "/etc/thumbnails/config.toml"]

# release is what ships
FROM runtime AS release
COPY --link --from=build /app/target/release/thumbnails /usr/local/bin/thumbnails
EXPOSE 8080/tcp
STOPSIGNAL SIGTERM
ENTRYPOINT ["thumbnails"]
CMD ["--config", "/etc/thumbnails/config.toml"]
