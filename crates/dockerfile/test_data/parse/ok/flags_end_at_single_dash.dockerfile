FROM alpine
RUN -x --mount=a b
COPY -a b
