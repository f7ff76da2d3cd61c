FROM a
ENV A="b $c ${d e
RUN it's "x
COPY ${ ${ "$" a
