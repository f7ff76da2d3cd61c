FROM scratch AS a
COPY x.txt /1
FROM scratch AS b
COPY --from=a /1 /2
FROM scratch AS c
COPY --from=b /2 /3
FROM scratch
COPY --from=c /3 /4
