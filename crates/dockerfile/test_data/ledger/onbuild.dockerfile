FROM node AS base
WORKDIR /app
ONBUILD COPY package.json /app/
ONBUILD RUN npm install
FROM base
COPY . .
