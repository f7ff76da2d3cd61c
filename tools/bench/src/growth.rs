//! How time grows with the text: the exponent is 1 where it is linear, 2 where it is quadratic.

use crate::{
    cpu_time, median,
    readers::{ANALYSIS, PARSE, Reader},
};

struct Family {
    name: &'static str,
    sizes: [usize; 3],
    make: fn(usize) -> String,
}

const FAMILIES: [Family; 5] = [
    Family { name: "lines", sizes: [100, 1_000, 10_000], make: lines },
    Family { name: "lines of one RUN", sizes: [100, 1_000, 10_000], make: continued },
    Family { name: "lines of ENV and ARG", sizes: [100, 1_000, 10_000], make: variables },
    Family { name: "stages in a row", sizes: [10, 100, 1_000], make: chain },
    Family { name: "stages side by side", sizes: [10, 100, 1_000], make: fan },
];

pub(crate) fn print() {
    println!("{:<24}{:<40}{:>28}{:>10}", "growth", "", "µs", "exponent");
    for family in &FAMILIES {
        for reader in [PARSE, ANALYSIS] {
            let [small, middle, large] = family.sizes.map(|n| microseconds(&reader, &(family.make)(n)));
            let factor = family.sizes[2] as f64 / family.sizes[0] as f64;
            let exponent = (large / small).ln() / factor.ln();
            let [first, second, third] = family.sizes;
            println!(
                "{:<24}{:<40}{small:>8.0}{middle:>9.0}{large:>11.0}{exponent:>10.2}",
                format!("{first}, {second}, {third}"),
                format!("{}, {}", family.name, reader.name.trim_start_matches("our ")),
            );
        }
    }
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
