FROM alpine
COPY --from= --chown="" a b
HEALTHCHECK --interval= --retries= CMD a
