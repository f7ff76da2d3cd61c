FROM scratch
COPY <<one.txt <<two.txt /texts/
first
one.txt
second
two.txt
