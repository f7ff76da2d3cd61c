FROM scratch
COPY a.txt /x.txt
COPY b.txt /x.txt
