# first
# build the thing
FROM alpine AS build
# x

# y
ARG Z
