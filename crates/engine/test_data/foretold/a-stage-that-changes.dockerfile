#: files source
FROM stagelight-test/base AS build
COPY source /source
RUN cat /source > /out
FROM stagelight-test/base
COPY --from=build /out /out
RUN cat /out > /copy
#: then edit source
