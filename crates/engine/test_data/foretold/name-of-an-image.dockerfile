FROM example.org/stagelight/base AS busybox
RUN echo mine > /mine
FROM busybox
RUN cat /mine
