FROM example.org/stagelight/base
RUN echo x > /x
RUN rm /x && echo y > /y
