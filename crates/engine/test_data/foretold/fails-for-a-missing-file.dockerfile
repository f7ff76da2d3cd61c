#: fails 3
FROM example.org/stagelight/base
RUN echo x > /x
COPY nothing-here /
RUN echo never
