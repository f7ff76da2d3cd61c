FROM alpine
COPY ÿ Ã
RNU â‚
