FROM alpine
RUN <<E\'F
x
E'F
