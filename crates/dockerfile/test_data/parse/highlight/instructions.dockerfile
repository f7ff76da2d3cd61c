# syntax=docker/dockerfile:1
# note
ARG VERSION=1 "B"=x
FROM --platform=$BUILDPLATFORM alpine:${VERSION:-3} AS build
RUN --mount=type=cache,target=/a$b,from=x echo "$HOME" 'q' z
COPY --from=build --chown=$u:g "a $b" $c/
ENV A=1 B="x ${A}" C='$lit' D=\$no
ENV legacy a $b
LABEL k="v"
CMD ["a", "b"]
HEALTHCHECK --interval=3s CMD curl "x"
EXPOSE 80/tcp $P
WORKDIR /a/$b
VOLUME ["/$v"]
STOPSIGNAL $S
ONBUILD RUN a "b"
NOPE x "y"
