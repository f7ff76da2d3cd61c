# escape=`
FROM alpine
ENV A="a``
