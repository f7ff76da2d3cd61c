FROM alpine
COPY "a b" c/
EXPOSE "80" 81
VOLUME '/a b'
