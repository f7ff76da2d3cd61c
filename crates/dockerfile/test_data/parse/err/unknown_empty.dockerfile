FROM alpine
\
\