FROM scratch AS src
ADD https://github.com/moby/buildkit.git#v0.20.0 /src
FROM scratch
COPY --from=src /src/go.mod /
