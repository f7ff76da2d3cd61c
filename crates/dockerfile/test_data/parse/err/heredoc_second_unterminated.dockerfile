FROM alpine
COPY <<A <<B /x/
1
A
2
