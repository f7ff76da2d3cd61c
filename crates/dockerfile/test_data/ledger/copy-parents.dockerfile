FROM scratch
COPY --parents ./x/a.txt y/b.txt /dest
