FROM stagelight-test/base AS a
RUN echo a > /a
FROM stagelight-test/base AS unused
RUN echo never && false
FROM scratch
COPY --from=a /a /
