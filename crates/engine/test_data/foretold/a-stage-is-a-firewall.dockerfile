#: files source
FROM example.org/stagelight/base AS build
COPY source /source
RUN cat /source > /dev/null; echo always the same > /out
FROM example.org/stagelight/base
COPY --from=build /out /out
RUN cat /out > /copy
#: then edit source
#: outputs same
