#: files package.json index.js
FROM stagelight-test/base
WORKDIR /app
COPY package.json ./
RUN cat package.json > modules
COPY . .
RUN cat index.js > bundle
#: then edit package.json
