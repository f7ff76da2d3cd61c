#: arg BASE=build
ARG BASE=other
FROM example.org/stagelight/base AS build
RUN echo build > /x
FROM example.org/stagelight/base AS other
RUN echo other > /x
FROM ${BASE}
RUN cat /x > /y
#: then arg BASE=other
