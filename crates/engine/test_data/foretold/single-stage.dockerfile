#: files a
FROM example.org/stagelight/base
COPY a /a
RUN cat /a > /b
CMD ["cat", "/b"]
#: then edit a
