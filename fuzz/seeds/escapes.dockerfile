# escape=`
# syntax=docker/dockerfile:1
FROM windows AS é
RUN a `
  # comment

  b \
COPY <<EOF <<'X Y' C:\dir\
$a ${b:+c} ${d#*/} ${e:?f}
EOF
X Y
ENV a b c
LABEL "x y"='z w' q=r`
 s
VOLUME ["/a", "/\u00e9"]
STOPSIGNAL ${S:-9}
