FROM alpine
COPY
COPY a
ADD a
COPY --from=x
COPY --nope
