# syntax=docker/dockerfile:1

# Stagelight itself: `docker build -t stagelight .`, then docs/server.md or compose.yaml.

ARG RUST_VERSION=1.95
ARG DEBIAN=bookworm

# builder has what the site and the program are built with
FROM rust:${RUST_VERSION}-${DEBIAN} AS builder
RUN rustup target add wasm32-unknown-unknown
COPY --from=node:22-bookworm-slim /usr/local/bin/node /usr/local/bin/
COPY --from=node:22-bookworm-slim /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /src

# program is the server with the site within
FROM builder AS program
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/root/.cache/stagelight \
    --mount=type=cache,target=/src/target \
    cargo xtask dist --server && cp target/release/stagelight /stagelight

# stagelight is what runs: the program, and nobody's rights
FROM debian:${DEBIAN}-slim AS stagelight
COPY --from=program /stagelight /usr/local/bin/stagelight
RUN useradd --shell /usr/sbin/nologin --uid 10001 --create-home --home-dir /var/lib/stagelight stagelight
USER stagelight
ENV STAGELIGHT_SERVE_DATA_DIR=/var/lib/stagelight
VOLUME /var/lib/stagelight
EXPOSE 8080
ENTRYPOINT ["stagelight", "serve"]
CMD ["--listen", "0.0.0.0:8080", "--engine", "none"]
