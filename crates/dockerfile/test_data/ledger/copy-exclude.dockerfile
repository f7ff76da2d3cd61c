FROM scratch AS all
COPY --exclude=*.md . /docs
FROM scratch
COPY --from=all /docs/a.txt /a.txt
COPY --from=all /docs/b.md /b.md
