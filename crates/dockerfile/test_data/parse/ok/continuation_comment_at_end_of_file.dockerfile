FROM alpine
RUN a \
# c