FROM alpine
ONBUILD RUN --mount=type=cache,target=/a x  y
ONBUILD COPY ["a", "b"]
onbuild env A=1 B=2
