FROM golang:1.23 AS builder
# Build stage named "builder"

FROM alpine:latest
COPY --from=builder /app/app .
# Reference by name
