FROM example.org/stagelight/base AS a
RUN echo a > /a
FROM a AS b
RUN echo b > /b
FROM b AS c
RUN echo c > /c
FROM c AS d
RUN echo d > /d
FROM d
RUN cat /a /b /c /d > /all
