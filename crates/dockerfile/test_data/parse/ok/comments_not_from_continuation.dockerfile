FROM alpine
RUN a \
# inside
 b
ARG c
