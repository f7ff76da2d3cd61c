FROM golang:1.24 AS build
WORKDIR /src
COPY . .
RUN go build . && go build ./cmd/tool
FROM scratch
COPY --from=build /src/api /src/tool /bin/
