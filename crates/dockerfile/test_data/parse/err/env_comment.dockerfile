FROM alpine
ENV A=1 # c
LABEL b=c #d
