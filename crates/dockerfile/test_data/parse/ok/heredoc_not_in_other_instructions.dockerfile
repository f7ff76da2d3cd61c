FROM alpine
CMD cat <<EOF
ENV A=<<EOF
LABEL a=b <<x=y
