# syntax=docker/dockerfile:1
FROM nixos/nix:2.24.10 AS builder

COPY flake.nix flake.lock /tmp/build/
COPY src /tmp/build/src
WORKDIR /tmp/build

RUN nix \
    --extra-experimental-features "nix-command flakes" \
    --option filter-syscalls false \
    build

# Only what the result refers to, with all of its paths.
RUN mkdir /tmp/nix-store-closure
RUN cp -R $(nix-store -qR result/) /tmp/nix-store-closure

FROM scratch
WORKDIR /app
COPY --from=builder /tmp/nix-store-closure /nix/store
COPY --from=builder /tmp/build/result /app
USER 65532:65532
CMD ["/app/bin/app"]
