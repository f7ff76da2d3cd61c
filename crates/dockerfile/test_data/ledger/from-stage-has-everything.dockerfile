FROM scratch AS one
COPY a.txt /a.txt
FROM one AS two
COPY b.txt /b.txt
FROM two
COPY c.txt /c.txt
