FROM node AS s
WORKDIR /app
COPY . .
RUN ./build.sh
FROM scratch
COPY --from=s /app /app
COPY --from=s /app/made.js /
