//! No text makes the parser take more than linear time. What else no text does is in `tests/invariants`.

use std::time::{Duration, Instant};

use dockerfile::syntax::{highlight, parse};

#[test]
fn time_grows_no_faster_than_the_text() {
    type Make = fn(usize) -> String;
    let cases: [(&str, Make); 22] = [
        ("lines that are escapes", |n| "\\\n".repeat(n * 8)),
        ("continued comments", |n| format!("RUN a \\\n{}", "# b\n".repeat(n * 4))),
        ("continued blanks", |n| format!("RUN a \\\n{}b", "\n".repeat(n * 8))),
        ("a logical line of many pieces", |n| format!("ENV {}", "a=b c\\\n".repeat(n * 2))),
        ("one word of many pieces", |n| format!("FROM {}", "x\\\n".repeat(n * 4))),
        ("heredocs of one instruction", |n| format!("RUN {}\n{}", "<<A ".repeat(n), "A\n".repeat(n))),
        ("heredocs without an end", |n| "FROM a\nRUN <<A\n".repeat(n)),
        ("heredocs without an end, each its own", |n| {
            (0..n).map(|i| format!("RUN <<A{i}\nFROM a\n")).collect()
        }),
        ("one heredoc that is never ended", |n| format!("RUN <<A\n{}", "FROM a\n".repeat(n * 2))),
        ("open quotes", |n| format!("ENV a={}", "\"'".repeat(n * 4))),
        ("open quotes behind a heredoc", |n| format!("COPY <<A {}", "' \" ".repeat(n * 2))),
        ("open braces", |n| format!("ENV a={}", "${".repeat(n * 4))),
        ("open braces behind a heredoc", |n| format!("COPY <<A {}", "${a:-".repeat(n * 2))),
        ("flags", |n| format!("COPY {} a b", "--from=x ".repeat(n))),
        ("flags in quotes", |n| format!("RUN {} a", "--mount=\"a,b=c\\\"\" ".repeat(n / 2))),
        ("fields of a mount", |n| format!("RUN --mount={} a", "a=b,".repeat(n * 2))),
        ("JSON brackets", |n| format!("CMD {}", "[".repeat(n * 8))),
        ("JSON strings", |n| format!("CMD [{}\"\"]", "\"a\\n\",".repeat(n))),
        ("ONBUILD in ONBUILD", |n| "ONBUILD ".repeat(n)),
        ("comments", |n| "# a\n".repeat(n * 4)),
        ("unknown instructions", |n| "frmo a\n".repeat(n)),
        ("one long unknown word", |n| "x".repeat(n * 8)),
    ];
    for (name, make) in cases {
        // Lines are limited, so that long ones must be continued to be long.
        let fold = |text: String| match text.lines().any(|line| line.len() > 50_000) {
            true => text
                .as_bytes()
                .chunks(997)
                .map(|part| String::from_utf8_lossy(part))
                .collect::<Vec<_>>()
                .join("\\\n"),
            false => text,
        };
        let time = |n: usize| {
            let text = fold(make(n));
            let run = || {
                let start = Instant::now();
                let parse = parse(&text);
                highlight::tokens(&text, &parse);
                start.elapsed()
            };
            (0..3).map(|_| run()).min().unwrap_or(Duration::ZERO)
        };
        let (small, large) = (time(2_000), time(16_000));
        // Eight times the text may take eight times as long, and somewhat more; quadratic would be 64.
        let allowed = small * 24 + Duration::from_millis(5);
        assert!(large <= allowed, "{name}: {small:?} for a small text, {large:?} for eight times as much");
    }
}
