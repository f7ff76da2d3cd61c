FROM scratch AS a
COPY x.txt /out/bin/
COPY y.txt /out/share/
FROM scratch
COPY --from=a /out /
