FROM alpine
RUN <<EOF
RUN x

FROM b AS c
RUN d
