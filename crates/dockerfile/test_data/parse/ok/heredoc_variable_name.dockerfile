FROM alpine
RUN <<$X
x
$X
RUN <<${Y}
${Y}
