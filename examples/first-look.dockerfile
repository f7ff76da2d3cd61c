# A small service in Go. The stage with the bright frame is the target.
FROM golang:1.24-alpine AS base
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download

# test runs the unit tests
FROM base AS test
COPY . .
RUN go test ./...

# build compiles the server
FROM base AS build
COPY . .
RUN CGO_ENABLED=0 go build -o /out/server ./cmd/server

# final is what ships
FROM scratch AS final
COPY --from=alpine:3.22 /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/server /server
EXPOSE 8080
USER 65532:65532
ENTRYPOINT ["/server"]
