#: fails 2
FROM stagelight-test/base
RUN ["/no/such/program"]
RUN echo never
