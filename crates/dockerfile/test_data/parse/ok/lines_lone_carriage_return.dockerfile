FROM alpineASbuild
RUN ab
