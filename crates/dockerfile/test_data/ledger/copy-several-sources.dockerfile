FROM scratch
COPY go.mod go.sum LICENSE /src/
