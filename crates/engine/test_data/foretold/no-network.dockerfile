FROM example.org/stagelight/base
RUN --network=none echo alone > /x
