#: files package.json index.js
FROM example.org/stagelight/base
WORKDIR /app
COPY package.json ./
RUN cat package.json > modules
COPY . .
RUN cat index.js > bundle
#: then edit index.js
