#: files one
FROM example.org/stagelight/base AS a
COPY one /one
RUN echo a > /a
FROM example.org/stagelight/base AS b
COPY one /one
RUN echo b > /b
FROM scratch
COPY --from=a /a /
COPY --from=b /b /
#: then edit one
#: outputs same
