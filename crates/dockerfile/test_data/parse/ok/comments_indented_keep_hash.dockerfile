  # indented
FROM alpine
 #
ARG a
