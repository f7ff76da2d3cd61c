FROM alpine
CMD ["a", 1, null]
RUN [true]
COPY [["a"], "b"]
VOLUME [{}]
