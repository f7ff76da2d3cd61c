# syntax=docker/dockerfile:1
FROM scratch
COPY --parents apps/./*/package.json /src/
