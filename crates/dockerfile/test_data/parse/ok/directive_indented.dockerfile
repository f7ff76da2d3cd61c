 # escape=`
  # syntax=a
FROM alpine
RUN a `
 b
