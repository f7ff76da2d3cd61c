FROM maven AS build
COPY pom.xml src /usr/src/app/
RUN mvn -f /usr/src/app/pom.xml package
WORKDIR /w
COPY api /w/api
RUN mvn -f api package
FROM scratch
COPY --from=build /usr/src/app/target/a.jar /w/api/target/b.jar /
