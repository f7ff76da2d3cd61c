FROM alpine
ENV A some  value = "x"
LABEL k v w
