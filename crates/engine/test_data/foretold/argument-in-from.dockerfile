#: arg BASE=build
ARG BASE=other
FROM stagelight-test/base AS build
RUN echo build > /x
FROM stagelight-test/base AS other
RUN echo other > /x
FROM ${BASE}
RUN cat /x > /y
#: then arg BASE=other
