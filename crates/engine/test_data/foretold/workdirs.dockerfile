FROM stagelight-test/base
WORKDIR /a
WORKDIR b
WORKDIR c
RUN echo $PWD > /where
WORKDIR /
