# escape=`
FROM a
RUN a `
 b
ENV A=`$x B=\$y
