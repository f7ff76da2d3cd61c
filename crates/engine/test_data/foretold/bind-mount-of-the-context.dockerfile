#: files go.mod main.go
FROM example.org/stagelight/base
RUN --mount=source=go.mod,target=/src/go.mod cat /src/go.mod > /deps
RUN --mount=target=/src cat /src/main.go > /out
#: then edit main.go
