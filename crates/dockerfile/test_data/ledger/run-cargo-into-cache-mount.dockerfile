# What is built below a cache mount is gone when the RUN ends.
FROM rust AS build
WORKDIR /app
COPY . .
RUN --mount=type=cache,target=/app/target cargo build --release
RUN --mount=type=cache,target=/app/target cargo build --release && cp target/release/app /out
FROM scratch
COPY --from=build /app/target/release/app /lost
COPY --from=build /out /kept
