FROM alpine AS get
COPY a.tar.gz b.zip /tmp/
RUN tar xzf /tmp/a.tar.gz -C /a --strip-components=1 && cd /b && unzip /tmp/b.zip && tar -cf /c.tar .
FROM scratch
COPY --from=get /a/x /b/y /c.tar /
