FROM scratch AS files
COPY . /src
FROM scratch
COPY --from=files /src/a.txt /src/none.txt /x/
COPY --from=files /src/*.md /y/
