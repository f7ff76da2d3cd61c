# check=nope=1
FROM alpine
