FROM maven AS build
WORKDIR /app
COPY . .
RUN mvn -B package
FROM eclipse-temurin:21
COPY --from=build /app/target/*.jar /app.jar
