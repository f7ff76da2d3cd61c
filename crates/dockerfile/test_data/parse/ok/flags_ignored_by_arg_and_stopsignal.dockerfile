ARG --x=1 A
FROM alpine
ARG --foo B=1
STOPSIGNAL --bar 9
HEALTHCHECK --baz NONE
