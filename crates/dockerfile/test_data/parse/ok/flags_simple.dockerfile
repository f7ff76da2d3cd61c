FROM --platform=linux/amd64 alpine
COPY --from=a --link --chown=1:2 b c
RUN --mount=type=cache,target=/x --network=none make --jobs=4 --x
