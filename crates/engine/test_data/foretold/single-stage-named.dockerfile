FROM example.org/stagelight/base AS only
RUN echo x > /x
