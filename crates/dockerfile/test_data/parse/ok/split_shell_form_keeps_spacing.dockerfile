FROM alpine
RUN   a   b "c  d"  
CMD a  [b]
ENTRYPOINT exec "x
SHELL ["a"]
