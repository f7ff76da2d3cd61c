# Nothing is in scratch.
FROM scratch
COPY --from=scratch /a /b
