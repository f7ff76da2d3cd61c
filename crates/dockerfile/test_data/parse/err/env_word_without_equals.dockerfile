FROM alpine
ENV A=1 B C=2
LABEL a=some text here
