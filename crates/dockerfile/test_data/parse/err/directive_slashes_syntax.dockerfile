// syntax=a/b c
// other=1
FROM alpine
