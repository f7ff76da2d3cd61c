FROM example.org/stagelight/base AS tools
RUN echo tool > /tool
FROM example.org/stagelight/base AS build
RUN --mount=from=tools,source=/tool,target=/mnt/tool cat /mnt/tool > /out
FROM scratch
COPY --from=build /out /out
