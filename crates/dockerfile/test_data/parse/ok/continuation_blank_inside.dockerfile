FROM alpine
RUN a \

  	
RUN b
CMD c
