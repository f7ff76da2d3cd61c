FROM gradle AS build
WORKDIR /app
COPY . .
RUN ./gradlew --no-daemon bootJar
RUN ./mvnw -pl web package
FROM eclipse-temurin
COPY --from=build /app/build/libs/app.jar /app.jar
COPY --from=build /app/web/target/web.jar /web.jar
