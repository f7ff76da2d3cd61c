FROM alpine
HEALTHCHECK --interval=5 CMD a
HEALTHCHECK --timeout=1us CMD a
HEALTHCHECK --start-period=-1s CMD a
HEALTHCHECK --start-interval=x CMD a
HEALTHCHECK --interval=5y CMD a
HEALTHCHECK --retries=-1 CMD a
HEALTHCHECK --retries=a CMD a
HEALTHCHECK --retries=3000000000 CMD a
