FROM alpine
COPY --from=é --chown=ü:x a é
