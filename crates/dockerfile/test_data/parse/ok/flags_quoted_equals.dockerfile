FROM alpine
COPY --"from=a" b c
COPY --chown\=x b c
