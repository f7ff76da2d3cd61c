FROM alpine
RUN ec\
ho a\
 b
