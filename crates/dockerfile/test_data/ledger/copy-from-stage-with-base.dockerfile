FROM scratch AS one
COPY a.txt /a.txt
FROM one AS two
COPY b.txt /b.txt
FROM scratch
COPY --from=two /a.txt /b.txt /
