#: files src/a src/in/b other
FROM example.org/stagelight/base
COPY src /app/src
COPY src/in /app/in/
RUN cat /app/src/in/b /app/in/b
#: then edit other
