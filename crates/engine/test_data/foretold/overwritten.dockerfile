#: files a b
FROM scratch
COPY a /x
COPY b /x
#: then edit a
