FROM alpine
RUN apk add --no-cache curl=8.5 "git>2" && apk add --virtual .build gcc make && apk del .build
FROM debian
COPY --from=0 /usr/bin/curl /curl
RUN apt-get update && apt-get install -y --no-install-recommends nginx=1.2 vim && apt-get purge -y vim && rm -rf /var/lib/apt/lists/*
