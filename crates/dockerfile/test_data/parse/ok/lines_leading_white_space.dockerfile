 	  FROM alpine
RUN a
