FROM node:22 AS build
WORKDIR /src
COPY . .
RUN npm ci && npm run build
FROM scratch
COPY --from=build /src/public /www
COPY --from=build /src/package.json /src/lib/a.js /app/
