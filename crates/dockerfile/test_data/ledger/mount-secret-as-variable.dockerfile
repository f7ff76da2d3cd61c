FROM rust
WORKDIR /app
RUN --mount=type=secret,id=t,env=T cargo build --release
