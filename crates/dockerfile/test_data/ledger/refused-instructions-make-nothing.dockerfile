FROM scratch AS a
COPY --from=b /x /y
COPY a.txt /a.txt
FROM a AS b
