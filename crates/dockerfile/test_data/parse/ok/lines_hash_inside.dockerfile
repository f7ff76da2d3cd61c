FROM alpine
RUN echo "#" \
 # gone
 && echo \#
ENV A=#b C=d#
