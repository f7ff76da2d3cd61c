FROM alpine
COPY a
RNU b
ENV X
CMD [1]
