FROM alpine
STOPSIGNAL --x
USER --x
