FROM scratch AS a
COPY one.txt /x.txt
FROM a AS b
COPY two.txt /x.txt
FROM b
COPY three.txt /y.txt
