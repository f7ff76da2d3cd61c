FROM alpine
COPY --link -- --from=x d
RUN -- a
RUN --
