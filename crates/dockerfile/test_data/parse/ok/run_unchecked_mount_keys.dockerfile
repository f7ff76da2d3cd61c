FROM alpine
RUN --mount=type=nope,foo=bar,baz a
