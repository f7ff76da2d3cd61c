FROM alpine
RUN cat <<${a:-\'}
x
