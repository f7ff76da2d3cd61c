#: files one
FROM stagelight-test/base AS a
COPY one /one
RUN echo a > /a
FROM stagelight-test/base AS b
COPY one /one
RUN echo b > /b
FROM scratch
COPY --from=a /a /
COPY --from=b /b /
#: then edit one
#: outputs same
