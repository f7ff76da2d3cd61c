FROM golang AS base
WORKDIR /src
COPY . .
FROM base AS left
RUN go build -o /out/left ./left
FROM base AS right
RUN go build -o /out/right ./right
FROM scratch
COPY --from=left /out/left /
COPY --from=right /out/right /
