# syntax=a
# text
FROM alpine
