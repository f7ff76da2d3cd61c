#: target nowhere
#: fails
FROM stagelight-test/base AS here
RUN echo x
