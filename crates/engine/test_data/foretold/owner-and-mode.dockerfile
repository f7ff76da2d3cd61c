#: files a b
FROM scratch
COPY --chown=1000:1000 a /a
COPY --chmod=600 b /b
#: then edit b
