# Most images have /usr/local/bin as a directory; scratch has not.
FROM alpine AS usual
COPY tool.sh /usr/local/bin
FROM scratch
COPY tool.sh /usr/local/bin
COPY --from=usual /usr/local/bin/tool.sh /tool.sh
