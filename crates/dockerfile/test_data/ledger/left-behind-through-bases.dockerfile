# deps never ships, but what it has is taken through build, which is built on it.
FROM node AS deps
WORKDIR /app
COPY package.json ./
RUN npm ci
FROM deps AS build
COPY . .
RUN npm run build
FROM scratch
COPY --from=build /app/node_modules /app/node_modules
COPY --from=build /app/dist /app/dist
