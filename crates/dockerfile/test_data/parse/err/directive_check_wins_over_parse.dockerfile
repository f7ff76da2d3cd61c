# escape=x
# check=bogus
FROM alpine
ENV A
