FROM alpine
CMD --x a
ENV --x A=1
WORKDIR --x /a
USER --x a
EXPOSE --x 1
VOLUME --x /a
SHELL --x ["a"]
LABEL --x a=b
ENTRYPOINT --x a
MAINTAINER --x a
ONBUILD --x RUN a
