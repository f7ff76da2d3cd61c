FROM alpine
RUN cat <<A${x:-y}
