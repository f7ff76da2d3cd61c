FROM scratch AS s
COPY a.txt /x.txt
COPY b.txt /x.txt
FROM scratch
COPY --from=s /x.txt /
