FROM alpine
RUN cat <<A <<B
1
A
2
B
COPY <<x.txt a <<y.txt /d/
1
x.txt
2
y.txt
