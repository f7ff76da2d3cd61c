# escape=
# syntax=a
FROM alpine
