ARG A
ARG B=1 C D="x y" E=
FROM alpine
