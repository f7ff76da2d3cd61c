FROM golang:1.24 AS build
RUN go install github.com/a/b/cmd/tool@v1.2 && go install example.com/x/v2@latest
ENV GOBIN=/out
RUN go install ./...
FROM scratch
COPY --from=build /go/bin/tool /go/bin/x /out/app /bin/
