FROM golang:1.24 AS build
RUN apt-get update && apt-get install -y git
WORKDIR /src
COPY go.mod ./
COPY . .
RUN go build -o /out/a ./a && go build -o /out/b ./b
FROM alpine AS lint
COPY --from=build /src /src
FROM scratch
COPY --from=build /out/a /a
