# check=skip=A, B
FROM alpine
