ARG V=1
FROM scratch AS s
ARG V
ENV DIR=/opt/app-$V
COPY a.txt $DIR/
FROM alpine
COPY --from=s /opt/app-1/a.txt /
