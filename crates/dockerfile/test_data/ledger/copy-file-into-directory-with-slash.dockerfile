FROM scratch
COPY go.mod /src/
