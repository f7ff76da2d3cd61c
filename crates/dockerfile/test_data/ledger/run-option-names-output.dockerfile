# Nothing is known of the command but that it is told where to write.
FROM alpine AS s
RUN wrapped-go build -v -o /out/tool .
FROM scratch
COPY --from=s /out/tool /
