FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:9.0 AS build
ARG TARGETARCH
ARG BUILD_CONFIGURATION=Release
WORKDIR /source

COPY Directory.Build.props Directory.Packages.props ./
COPY src/Api/Api.csproj src/Api/
COPY src/Core/Core.csproj src/Core/
RUN dotnet restore src/Api/Api.csproj -a $TARGETARCH

COPY src/ src/
RUN dotnet publish src/Api/Api.csproj -a $TARGETARCH --no-restore -c $BUILD_CONFIGURATION -o /app

FROM build AS test
COPY tests/ tests/
ENTRYPOINT ["dotnet", "test", "tests/Api.Tests", "--logger:trx"]

FROM mcr.microsoft.com/dotnet/aspnet:9.0-noble-chiseled-extra AS final
WORKDIR /app
EXPOSE 8080
COPY --from=build /app .
USER $APP_UID
ENTRYPOINT ["./Api"]
