#: files main.cpp
FROM example.org/stagelight/base AS builder
COPY main.cpp /src/
FROM builder AS one
RUN cat /src/main.cpp > /one
FROM builder AS two
RUN cat /src/main.cpp > /two
FROM scratch
COPY --from=one /one /
COPY --from=two /two /
#: then edit main.cpp
