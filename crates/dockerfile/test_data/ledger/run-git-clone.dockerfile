FROM alpine/git AS src
WORKDIR /w
RUN git clone --depth 1 -b v1 https://github.com/a/tool.git && cd tool && git checkout abc
RUN git clone https://github.com/a/b /b
FROM scratch
COPY --from=src /w/tool/README.md /b/LICENSE /
