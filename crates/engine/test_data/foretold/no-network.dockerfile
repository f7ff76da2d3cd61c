FROM stagelight-test/base
RUN --network=none echo alone > /x
