# Minimal options
FROM scratch              # Empty (only for static binaries)
FROM alpine:latest        # ~5MB
FROM distroless/static    # Google's minimal image
