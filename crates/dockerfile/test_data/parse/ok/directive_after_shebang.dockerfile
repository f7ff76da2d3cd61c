#!/usr/bin/env x
# syntax=a/b
# check=skip=all
# escape=`
FROM alpine
RUN a \
 b
