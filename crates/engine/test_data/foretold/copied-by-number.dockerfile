#: files app.go
FROM example.org/stagelight/base
WORKDIR /go/src/app
COPY app.go ./
RUN cat app.go > app
FROM example.org/stagelight/base
WORKDIR /root/
COPY --from=0 /go/src/app/app .
CMD ["./app"]
#: then edit app.go
