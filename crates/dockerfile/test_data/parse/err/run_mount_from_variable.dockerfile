FROM alpine
RUN --mount=from=$x,target=/a b
RUN --mount=target=/a,FROM=a$b b
