# /bin is a directory in every usual image, so its contents go to /bin; x may be a program.
FROM alpine AS x
RUN apk add curl

FROM scratch
COPY --from=x /bin /bin
COPY --from=x /opt/x /bin
COPY --from=busybox /bin /bin
