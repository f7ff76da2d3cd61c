# target: build
FROM golang AS build
WORKDIR /src
COPY . .
RUN go test ./... && go build -o app
FROM scratch
COPY --from=build /src/app /
