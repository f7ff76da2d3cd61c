FROM alpine
CMD ['a', 'b']
CMD ["a",]
CMD ["a"] b
CMD ["a
CMD [a]
COPY ["a", b] c
