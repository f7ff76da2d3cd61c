# A package is known to bring these.
FROM alpine AS certs
RUN apk add -U --no-cache ca-certificates
FROM scratch
COPY --from=certs /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
