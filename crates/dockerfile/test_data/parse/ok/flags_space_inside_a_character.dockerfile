FROM alpine
COPY --chown=à b c
COPY --chown=† b c
RUN --network=none à
