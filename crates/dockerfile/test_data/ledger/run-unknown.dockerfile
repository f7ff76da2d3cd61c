# Nothing is known of these commands, so the last comes first, and then the image.
FROM alpine AS s
COPY build.sh /
RUN ./build.sh
RUN ./other.sh --x
FROM scratch
COPY --from=s /result.txt /
