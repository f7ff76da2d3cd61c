FROM alpine
RUN --device=a,name=b c
RUN --device=a,b c
RUN --device=a,requird=1 c
RUN --device=a,required=x c
RUN --device= c
RUN --device=x --mount= --network=y z
