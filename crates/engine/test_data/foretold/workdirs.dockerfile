FROM example.org/stagelight/base
WORKDIR /a
WORKDIR b
WORKDIR c
RUN echo $PWD > /where
WORKDIR /
