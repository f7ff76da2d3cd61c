# Whether app is a file or a directory cannot be told.
FROM scratch
COPY app /srv/
