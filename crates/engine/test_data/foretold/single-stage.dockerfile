#: files a
FROM stagelight-test/base
COPY a /a
RUN cat /a > /b
CMD ["cat", "/b"]
#: then edit a
