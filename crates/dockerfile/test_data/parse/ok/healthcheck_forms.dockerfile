FROM alpine
HEALTHCHECK --interval=30s --timeout=1m --start-period=0 --start-interval=5s --retries=3 CMD curl  -f x
HEALTHCHECK cmd ["a", "b"]
HEALTHCHECK none
