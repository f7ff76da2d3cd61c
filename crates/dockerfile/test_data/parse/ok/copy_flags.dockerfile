FROM alpine
COPY --exclude=a --exclude=b --parents=TRUE --link=False c d
ADD --keep-git-dir --unpack=true --checksum=sha256:x a b
