FROM scratch AS files
COPY a.txt b.txt /f/
FROM scratch AS base
ONBUILD COPY --from=files /f/a.txt /1.txt
ONBUILD COPY --from=files /f/b.txt /2.txt
FROM base
