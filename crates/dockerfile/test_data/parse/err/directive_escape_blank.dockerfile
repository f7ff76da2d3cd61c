# syntax=a
# escape= 
FROM alpine
