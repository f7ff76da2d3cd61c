FROM node AS build
WORKDIR /w
COPY . .
RUN yarn && yarn tsc --outDir lib && npx vite build --outDir=/site && pnpm --filter api deploy /prod
FROM scratch
COPY --from=build /w/lib /lib
COPY --from=build /site /site
COPY --from=build /prod /prod
COPY --from=build /w/node_modules /node_modules
