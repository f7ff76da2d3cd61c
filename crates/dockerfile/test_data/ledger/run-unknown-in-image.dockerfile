FROM alpine
RUN ./setup.sh
COPY a.txt /
