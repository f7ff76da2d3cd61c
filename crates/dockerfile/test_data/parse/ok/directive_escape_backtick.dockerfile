# escape=`
FROM alpine
RUN a `
  b\
ENV A=a` b C="d`"e"
COPY --chown=a` b c d
