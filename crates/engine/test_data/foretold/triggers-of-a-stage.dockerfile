#: files a
FROM example.org/stagelight/base AS parent
ONBUILD COPY a /a
ONBUILD RUN cat /a > /b
FROM parent
RUN cat /b
#: then edit a
