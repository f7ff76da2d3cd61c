#: files source
FROM stagelight-test/base AS build
COPY source /source
RUN cat /source > /dev/null; echo always the same > /out
FROM stagelight-test/base
COPY --from=build /out /out
RUN cat /out > /copy
#: then edit source
#: outputs same
