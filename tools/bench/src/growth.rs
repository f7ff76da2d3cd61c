//! How time grows with the text: the exponent is 1 where it is linear, 2 where it is quadratic.
//!
//! Tests never look at a clock, so this is where a loop within a loop would show: in texts as people write them, and in
//! texts made so that a reader which goes back over what it has read is slow.

use crate::{
    cpu_time, median,
    readers::{ANALYSIS, CHECKS, COLOURS, DRAWING, FINDINGS, PARSE, Reader, WHAT_IF},
};

/// Makes a text of a size.
type Make = fn(usize) -> String;

struct Family {
    name: &'static str,
    sizes: [usize; 3],
    make: Make,
}

const FAMILIES: [Family; 5] = [
    Family { name: "lines", sizes: [100, 1_000, 10_000], make: lines },
    Family { name: "lines of one RUN", sizes: [100, 1_000, 10_000], make: continued },
    Family { name: "lines of ENV and ARG", sizes: [100, 1_000, 10_000], make: variables },
    Family { name: "stages in a row", sizes: [10, 100, 1_000], make: chain },
    Family { name: "stages side by side", sizes: [10, 100, 1_000], make: fan },
];

/// What is made to be slow to read, from a number of times.
const HARD: [(&str, Make); 22] = [
    ("lines that are escapes", |n| "\\\n".repeat(n * 8)),
    ("continued comments", |n| format!("RUN a \\\n{}", "# b\n".repeat(n * 4))),
    ("continued blanks", |n| format!("RUN a \\\n{}b", "\n".repeat(n * 8))),
    ("a logical line of many pieces", |n| format!("ENV {}", "a=b c\\\n".repeat(n * 2))),
    ("one word of many pieces", |n| format!("FROM {}", "x\\\n".repeat(n * 4))),
    ("heredocs of one instruction", |n| format!("RUN {}\n{}", "<<A ".repeat(n), "A\n".repeat(n))),
    ("heredocs without an end", |n| "FROM a\nRUN <<A\n".repeat(n)),
    ("each heredoc without its own end", |n| (0..n).map(|i| format!("RUN <<A{i}\nFROM a\n")).collect()),
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
/// What is made to be slow to check.
const FOUND: [(&str, Make); 7] = [
    ("undefined variables of one word", |n| {
        format!("FROM a\nUSER {}", (0..n).map(|i| format!("$B{i}")).collect::<String>())
    }),
    ("undefined variables of one line", |n| {
        format!("FROM a\nENV{}", (0..n).map(|i| format!(" A{i}=$B{i}")).collect::<String>())
    }),
    ("undefined variables of many lines", |n| {
        "FROM a\n".to_owned() + &(0..n).map(|i| format!("ARG A{i}=$B{i}\n")).collect::<String>()
    }),
    ("undeclared variables of a FROM", |n| {
        let args: String = (0..n).map(|i| format!("ARG A{i}\n")).collect();
        format!("{args}FROM a{}", (0..n).map(|i| format!("$B{i}")).collect::<String>())
    }),
    ("undefined variables in a row of stages", |n| {
        let one = |i| format!("FROM s{i} AS s{}\nENV A{i}=$B{i}\nCMD a\nCMD b\n", i + 1);
        "FROM a AS s0\n".to_owned() + &(0..n).map(one).collect::<String>()
    }),
    ("rules to skip", |n| {
        let rules: String = (0..n).map(|i| format!("R{i},")).collect();
        format!("# check=skip={}\nFROM a\n{}", &rules[..rules.len().min(60_000)], "MAINTAINER a\n".repeat(n))
    }),
    ("comments above each instruction", |n| {
        "FROM a\n".to_owned() + &"# check=skip=all\n# a\nARG KEY\n".repeat(n)
    }),
];
/// What is made so that it is hard to say what runs again.
const KEYED: [(&str, Make); 3] = [
    ("copies of what was copied", |n| {
        let into: String = (0..n).map(|i| format!("COPY a{i} main.go /a/{i}/\n")).collect();
        let out: String = (0..n).map(|i| format!("COPY --from=a /a/{i} /b/{i}\n")).collect();
        format!("FROM scratch AS a\n{into}FROM scratch\n{out}")
    }),
    ("stages that copy from one another", |n| {
        let one = |i: usize| format!("FROM scratch AS s{}\nCOPY --from=s{i} /a /a\nCOPY b{i} /\n", i + 1);
        "FROM scratch AS s0\nCOPY . /a\n".to_owned() + &(0..n).map(one).collect::<String>()
    }),
    ("equal stages", |n| {
        let copies: String = (0..n).map(|i| format!("COPY --from=s{i} /a /{i}\n")).collect();
        let one = |i: usize| format!("FROM alpine AS s{i}\nCOPY . /a\nRUN make\n");
        (0..n).map(one).collect::<String>() + "FROM scratch\n" + &copies
    }),
];
const KEYED_SIZES: [usize; 3] = [50, 500, 5_000];
const HARD_SIZES: [usize; 3] = [500, 2_000, 8_000];

pub(crate) fn print() {
    println!("{:<24}{:<48}{:>28}{:>10}", "growth", "", "µs", "exponent");
    for family in &FAMILIES {
        for reader in [PARSE, ANALYSIS, CHECKS, FINDINGS, WHAT_IF] {
            row(family.name, &reader, family.sizes, family.make);
        }
    }
    for Family { name, sizes, make } in &FAMILIES[3..] {
        row(name, &DRAWING, *sizes, *make);
    }
    for (name, make) in FOUND {
        row(name, &CHECKS, HARD_SIZES, |n| folded(make(n)));
    }
    for (name, make) in KEYED {
        row(name, &WHAT_IF, KEYED_SIZES, make);
    }
    for (name, make) in HARD {
        row(name, &COLOURS, HARD_SIZES, |n| folded(make(n)));
    }
}

fn row(name: &str, reader: &Reader, sizes: [usize; 3], make: impl Fn(usize) -> String) {
    let [small, middle, large] = sizes.map(|n| microseconds(reader, &make(n)));
    let [first, second, third] = sizes;
    let exponent = (large / small).ln() / (third as f64 / first as f64).ln();
    println!(
        "{:<24}{:<48}{small:>8.0}{middle:>9.0}{large:>11.0}{exponent:>10.2}",
        format!("{first}, {second}, {third}"),
        format!("{name}, {}", reader.name.trim_start_matches("our ")),
    );
}

/// A line may have so many bytes and no more: longer ones have to be continued.
fn folded(text: String) -> String {
    if text.lines().all(|line| line.len() <= 60_000) {
        return text;
    }
    let pieces = text.as_bytes().chunks(997).map(String::from_utf8_lossy);
    pieces.collect::<Vec<_>>().join("\\\n")
}

/// Small texts are read many times, because a clock has its own steps.
fn microseconds(reader: &Reader, text: &str) -> f64 {
    let n_times = (400_000 / text.len().max(1)).clamp(1, 200);
    let times = (0..9).map(|_| {
        cpu_time(|| {
            for _ in 0..n_times {
                std::hint::black_box((reader.read)(text));
            }
        })
    });
    median(times.collect()).as_secs_f64() * 1e6 / n_times as f64
}

fn lines(n: usize) -> String {
    let one = |idx: usize| match idx % 5 {
        0 => format!("RUN apt-get update && apt-get install -y package-{idx}\n"),
        1 => format!("COPY --chown=1000:1000 src/{idx} /app/{idx}\n"),
        2 => format!("ENV NAME_{} \"value {idx}\"\n", idx % 50),
        3 => format!("WORKDIR /app/$NAME_{}\n", idx % 50),
        _ => "# A comment\n".to_owned(),
    };
    "FROM alpine AS base\n".to_owned() + &(1..n).map(one).collect::<String>()
}

fn continued(n: usize) -> String {
    let lines: String = (2..n).map(|idx| format!("    && echo \"line {idx}\" \\\n")).collect();
    format!("FROM alpine\nRUN true \\\n{lines}    && true\n")
}

fn variables(n: usize) -> String {
    let one = |idx: usize| match idx % 2 {
        0 => format!("ARG ARG_{idx}=$NAME_{}\n", idx.saturating_sub(1)),
        _ => format!("ENV NAME_{idx}=${{ARG_{}:-{idx}}}\n", idx.saturating_sub(1)),
    };
    "FROM alpine\n".to_owned() + &(1..n).map(one).collect::<String>()
}

/// Each stage is based on the one before it.
fn chain(n: usize) -> String {
    let one = |idx: usize| format!("FROM s{} AS s{idx}\nENV A{idx}=$PATH\nRUN make {idx}\n", idx - 1);
    "FROM alpine AS s0\n".to_owned() + &(1..n).map(one).collect::<String>()
}

/// Independent stages, and a last one that copies from each.
fn fan(n: usize) -> String {
    let stages: String = (1..n).map(|idx| format!("FROM alpine AS s{idx}\nRUN make {idx}\n")).collect();
    let copies: String = (1..n).map(|idx| format!("COPY --from=s{idx} /out /out/{idx}\n")).collect();
    format!("{stages}FROM scratch\n{copies}")
}
