FROM a
FROM a AS
RUN --mount=a\"b c
CMD [1, "a"]
