#: fails 2
FROM example.org/stagelight/base
RUN ["/no/such/program"]
RUN echo never
