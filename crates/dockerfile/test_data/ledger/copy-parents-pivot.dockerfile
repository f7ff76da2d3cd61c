FROM scratch
COPY --parents ./x/./y/a.txt /dest/
