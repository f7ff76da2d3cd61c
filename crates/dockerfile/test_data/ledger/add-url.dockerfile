FROM scratch
ADD https://example.com/dl/tool.tar.gz?x=1 /tools/
ADD https://example.com/dl/tool.bin /bin/tool
ADD --unpack=true https://example.com/dl/all.tgz /all/
