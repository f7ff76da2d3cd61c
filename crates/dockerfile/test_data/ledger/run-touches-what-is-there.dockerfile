# A file that is touched stays the one that was there.
FROM alpine AS s
RUN echo a > /a.txt && touch -d @0 /a.txt && touch /b.txt
FROM scratch
COPY --from=s /a.txt /b.txt /
