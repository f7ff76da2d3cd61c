# unknown=x
# syntax=y
FROM alpine
