# syntax=a b
# check=error=true
FROM alpine
