FROM alpine
ENV A=a\\
