FROM example.org/stagelight/base AS s0
RUN echo 0 > /out0
FROM example.org/stagelight/base AS s1
RUN echo 1 > /out1
FROM example.org/stagelight/base AS s2
RUN echo 2 > /out2
FROM example.org/stagelight/base AS s3
RUN echo 3 > /out3
FROM example.org/stagelight/base AS s4
RUN echo 4 > /out4
FROM scratch
COPY --from=s0 /out0 /
COPY --from=s1 /out1 /
COPY --from=s2 /out2 /
COPY --from=s3 /out3 /
COPY --from=s4 /out4 /
