# The bytes stay in the layers of the earlier lines.
FROM alpine
COPY a.txt b.txt /data/
RUN rm -rf /data
COPY a.txt /data/
RUN touch /tmp/x && rm /tmp/*
