FROM scratch
ADD . /a
ADD x.tar.gz data.tar.gz /b/
COPY link /c
