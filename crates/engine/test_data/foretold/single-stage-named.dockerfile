FROM stagelight-test/base AS only
RUN echo x > /x
