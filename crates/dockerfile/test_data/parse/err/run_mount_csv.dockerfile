FROM alpine
RUN --mount= a
RUN --mount=type=bind,\"a b
RUN --mount=a\"b c
RUN --mount=\"a\"b c
