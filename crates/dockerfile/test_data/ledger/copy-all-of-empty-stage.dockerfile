FROM scratch AS s
ARG V
FROM alpine
COPY --from=s / /x
COPY --from=s /. /y/
