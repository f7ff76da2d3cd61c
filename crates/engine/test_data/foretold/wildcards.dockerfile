#: files a.txt b.txt c.md
FROM scratch
COPY *.txt /texts/
#: then edit c.md
