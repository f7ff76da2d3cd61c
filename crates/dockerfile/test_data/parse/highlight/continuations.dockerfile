FR\
OM alp\
ine
RUN a \
# note

  b "c \
d" \ 
  e
ENV A=${X\
Y} \
  B=2
\
CMD a
