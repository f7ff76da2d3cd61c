# ESCAPE=`
# Syntax = docker/dockerfile:1 x
FROM alpine
