FROM example.org/stagelight/base AS a
RUN echo same > /same
FROM example.org/stagelight/base AS b
RUN echo same > /same
FROM scratch
COPY --from=a /same /a
COPY --from=b /same /b
