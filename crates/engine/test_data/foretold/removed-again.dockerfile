FROM stagelight-test/base
RUN echo x > /x
RUN rm /x && echo y > /y
