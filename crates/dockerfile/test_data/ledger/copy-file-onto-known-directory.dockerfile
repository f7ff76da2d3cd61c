# WORKDIR made /app a directory, so the file goes into it though there is no slash.
FROM scratch
WORKDIR /app
COPY server.js /app
