FROM alpine
RUN a \
# comment \
   # another
  b
