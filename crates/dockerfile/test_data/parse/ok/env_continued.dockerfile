FROM alpine
ENV A=1 \
    B="x \
  y" \
    C=z
