FROM stagelight-test/base AS busybox
RUN echo mine > /mine
FROM busybox
RUN cat /mine
