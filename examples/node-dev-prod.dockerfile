FROM node:16-bullseye as dev
COPY ./app /app
WORKDIR /app
RUN npm install && npm run build
CMD npm start

FROM node:16.13.0-alpine3.13 as prod
COPY --from=dev /app/dist /app
WORKDIR /app
CMD node index.js
