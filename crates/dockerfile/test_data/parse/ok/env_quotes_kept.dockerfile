FROM alpine
ENV A="a\"b" B='a\' C="it's" "D e"=f
