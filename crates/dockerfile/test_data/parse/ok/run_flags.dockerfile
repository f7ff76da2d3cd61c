FROM alpine
RUN --network=host --security=insecure --device=vendor.com/x=a,required --mount=type=bind,from=x,ro --mount=type=tmpfs,target=/t a
