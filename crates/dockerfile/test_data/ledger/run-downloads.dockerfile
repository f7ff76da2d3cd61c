FROM alpine AS get
WORKDIR /dl
RUN curl -fsSLo /usr/bin/jq https://x.org/jq && curl -LO https://x.org/a/b.tgz && wget -q https://x.org/c.zip
RUN wget -qO- https://x.org/d.tar.gz | tar -xz -C /opt && curl https://x.org/e > /e && wget -O f https://x.org/g
FROM scratch
COPY --from=get /usr/bin/jq /jq
COPY --from=get /dl/b.tgz /dl/c.zip /dl/f /e /
COPY --from=get /opt/d/bin/d /d
