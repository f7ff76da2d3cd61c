FROM alpine
RUN ["a", "b c"]
CMD []
COPY ["a b", "c"]
VOLUME ["/a"]
ENTRYPOINT ["x"]
