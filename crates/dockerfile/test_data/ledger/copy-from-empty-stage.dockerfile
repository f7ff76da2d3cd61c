# A stage of nothing but copies cannot have what nobody copied.
FROM scratch AS files
COPY a.txt /files/
FROM scratch
COPY --from=files /other/b.txt /b.txt
COPY --from=files /none/*.txt /c/
