FROM alpine
COPY <<F <<F /d/
1
F
2
F
