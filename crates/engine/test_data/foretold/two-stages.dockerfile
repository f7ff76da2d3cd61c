#: files main.go notes.txt
# The stage that tests is not needed.
FROM example.org/stagelight/base AS build
WORKDIR /src
COPY main.go .
RUN cp main.go /app
FROM build AS test
RUN test -f /app
FROM scratch
COPY --from=build /app /app
ENTRYPOINT ["/app"]
#: then edit main.go
