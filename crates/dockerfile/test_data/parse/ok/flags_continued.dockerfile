FROM alpine
RUN --mount=type=cache,\
target=/x \
 --network=no\
ne a
