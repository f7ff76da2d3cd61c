FROM alpine
COPY --from="a b" --chown='c d'e --chmod="6"'4'4 x y
