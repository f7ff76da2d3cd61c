//! No text makes the core panic, lose a byte, or name a place outside the text.
//!
//! A fixed number of texts is made from the project's own files, the same ones in each run. For a longer search
//! `FUZZ_SECONDS=1200 cargo test --release -p dockerfile --test invariants` goes on with others; what it finds it
//! prints.

mod checks;
mod mutate;

use std::panic::catch_unwind;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mutate::Random;

const ROUNDS: usize = 15_000;

#[test]
fn every_file_and_every_beginning_of_it_is_read() {
    for text in files() {
        // The whole of long files only, and the ends of their lines.
        for (at, c) in text.char_indices().filter(|&(at, c)| at < 2_000 || c == '\n') {
            checks::parse(&text[..at]);
            checks::parse(&text[..at + c.len_utf8()]);
        }
        checks::parse(&text);
        checks::inspect(&text, &Default::default());
    }
}

#[test]
fn changed_files_are_read() {
    let files = files();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for _ in 0..ROUNDS {
        round(&files, &mut random);
    }
    let Some(seconds) = std::env::var("FUZZ_SECONDS").ok().and_then(|it| it.parse().ok()) else { return };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut random = Random(now.as_nanos() as u64 | 1);
    let start = Instant::now();
    let mut n_rounds = 0;
    while start.elapsed() < Duration::from_secs(seconds) {
        (0..1_000).for_each(|_| round(&files, &mut random));
        n_rounds += 1_000;
    }
    println!("{n_rounds} texts, nothing found");
}

fn round(files: &[String], random: &mut Random) {
    let text = mutate::text(files, random);
    let options = mutate::options(random);
    let res = catch_unwind(|| {
        checks::parse(&text);
        checks::inspect(&text, &options);
    });
    assert!(res.is_ok(), "found with {options:?}:\n{text:?}");
}

/// The Dockerfiles of the project, and the seeds of the fuzz targets.
fn files() -> Vec<String> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["test_data", "../../examples", "../../fuzz/seeds"] {
        collect(&project.join(folder), &mut files);
    }
    files.sort();
    assert!(!files.is_empty());
    files
}

fn collect(folder: &Path, acc: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, acc);
        } else if path.extension().is_some_and(|extension| extension == "dockerfile") {
            acc.push(dockerfile::text::decode(&std::fs::read(&path).unwrap()).0.into_owned());
        }
    }
}
