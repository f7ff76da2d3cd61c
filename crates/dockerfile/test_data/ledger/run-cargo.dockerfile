FROM rust AS build
WORKDIR /app
COPY . .
RUN cargo build --release --target x86_64-unknown-linux-musl
RUN cargo install --root /tools ripgrep
FROM scratch
COPY --from=build /app/target/x86_64-unknown-linux-musl/release/app /app
COPY --from=build /tools/bin/ripgrep /rg
