# escape=`
# syntax=x
FROM alpine
RUN a `
 b
