FROM alpine
RUN echo ${a!b} <<EOF
RUN b
