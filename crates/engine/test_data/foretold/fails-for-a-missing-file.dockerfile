#: fails 3
FROM stagelight-test/base
RUN echo x > /x
COPY nothing-here /
RUN echo never
