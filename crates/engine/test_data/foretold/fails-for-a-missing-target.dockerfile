#: target nowhere
#: fails
FROM example.org/stagelight/base AS here
RUN echo x
