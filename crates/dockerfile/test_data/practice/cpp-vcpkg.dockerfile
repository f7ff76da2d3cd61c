# syntax=docker/dockerfile:1
FROM ubuntu:24.04 AS toolchain
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update && apt-get install -y --no-install-recommends \
        build-essential ca-certificates cmake curl git ninja-build pkg-config python3 tar unzip zip \
    && rm -rf /var/lib/apt/lists/*
ENV VCPKG_ROOT=/opt/vcpkg
RUN git clone --branch 2025.06.13 --depth 1 https://github.com/microsoft/vcpkg "$VCPKG_ROOT" \
    && "$VCPKG_ROOT"/bootstrap-vcpkg.sh -disableMetrics

FROM toolchain AS build
WORKDIR /src
COPY vcpkg.json vcpkg-configuration.json ./
RUN --mount=type=cache,target=/root/.cache/vcpkg \
    "$VCPKG_ROOT"/vcpkg install --triplet x64-linux --x-install-root=/src/vcpkg_installed
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY include include
COPY src src
RUN --mount=type=cache,target=/root/.cache/vcpkg \
    cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_TOOLCHAIN_FILE="$VCPKG_ROOT"/scripts/buildsystems/vcpkg.cmake \
    && cmake --build build \
    && cmake --install build --prefix /opt/server --strip

FROM build AS test
RUN ctest --test-dir build --output-on-failure

FROM ubuntu:24.04
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates libstdc++6 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/server /opt/server
USER ubuntu
EXPOSE 9000
ENTRYPOINT ["/opt/server/bin/server"]
