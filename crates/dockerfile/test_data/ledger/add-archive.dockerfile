FROM alpine
ADD rootfs.tar.gz /
ADD --unpack=false data.tar.xz /data/
ADD plain.txt /plain/
