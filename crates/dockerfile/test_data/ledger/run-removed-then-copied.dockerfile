FROM alpine AS s
COPY a.txt /a.txt
RUN rm /a.txt
FROM scratch
COPY --from=s /a.txt /
