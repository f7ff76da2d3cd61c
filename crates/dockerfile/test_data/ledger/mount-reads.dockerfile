FROM alpine AS deps
RUN touch /deps/a.lock
FROM golang
WORKDIR /src
RUN --mount=target=. --mount=from=deps,source=/deps,target=/deps go build -o /out/app . && cp /deps/a.lock /kept
