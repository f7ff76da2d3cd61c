FROM scratch AS build
COPY package*.json /app/
FROM scratch
COPY --from=build /app/package.json /package.json
COPY --from=build /app/*.lock /locks/
