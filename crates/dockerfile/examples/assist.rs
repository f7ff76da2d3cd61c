//! How long a completion takes in a long file: `cargo run --release -p dockerfile --example assist`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use dockerfile::assist::{self, Document};
use dockerfile::stages::{self, BuildOptions};
use dockerfile::syntax;

fn main() {
    let mut text = "ARG VERSION=1\n".to_owned();
    for stage in 0..200 {
        text += &format!("FROM alpine:$VERSION AS s{stage}\nARG VERSION\nENV A{stage}=$VERSION B=x\n");
        text += "RUN --mount=type=cache,target=/x apk add \\\n    curl \\\n    git\n";
        text += &format!("COPY --from=s{} /a /b\n", stage.max(1) - 1);
        text += "WORKDIR /app/$B\nRUN make\nCMD [\"a\"]\n";
    }
    println!("{} lines, {} bytes", text.lines().count(), text.len());
    for typed in ["C", "COPY --", "COPY --from=", "FROM ", "USER $", "RUN --mount=type=cache,"] {
        let text = format!("{text}{typed}");
        let options = BuildOptions::default();
        let parse = syntax::parse(&text);
        let graph = stages::resolve(&parse, &options);
        let alone = quickest(|| drop(black_box(assist::complete(black_box(&text), text.len()))));
        let read = quickest(|| {
            drop(black_box(Document::of(black_box(&text), &parse, &graph, &options).complete(text.len())));
        });
        println!("{typed:26} {alone:>10?}, of a text that is read {read:>10?}");
    }
}

fn quickest(run: impl Fn()) -> Duration {
    let times = (0..200).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed()
    });
    times.min().unwrap_or(Duration::ZERO)
}
