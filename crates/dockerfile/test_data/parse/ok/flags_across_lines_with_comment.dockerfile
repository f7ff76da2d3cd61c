FROM alpine
COPY --from=a \
# why
 --link \
 b c
