//! Measures the core beside other readers of Dockerfiles, in one run and in CPU time.
//!
//! Machines and their load differ from day to day, so what counts are ratios: all readers take turns within each
//! round, and the middle round speaks for each.

mod files;
mod growth;
mod hadolint;
mod readers;

use std::time::Duration;

use anyhow::{Result, ensure};
use cpu_time::ThreadTime;

use self::files::File;
use self::readers::{READERS, Reader};

/// Odd, so that there is a middle one.
const ROUNDS: usize = 21;

fn main() -> Result<()> {
    let (origin, files) = files::real()?;
    ensure!(!files.is_empty(), "There is no Dockerfile to measure with");
    println!("{} files {origin}, {} bytes on average, one thread\n", files.len(), average_len(&files));
    side_by_side(&files);
    hadolint::print(&files)?;
    growth::print();
    Ok(())
}

/// Each peer on the files that it accepts, and the project's own readers on the same ones beside it.
fn side_by_side(files: &[File]) {
    let own: Vec<&Reader> = READERS.iter().filter(|reader| reader.is_own).collect();
    println!("`ours ÷ it`: the time of our parse by that of the reader; above 1 the reader is faster.");
    println!("{:<24}{:>8}{:>12}{:>10}{:>12}", "", "files", "µs a file", "MB/s", "ours ÷ it");
    let all: Vec<&str> = files.iter().map(|file| &file.text[..]).collect();
    print_table(&own, &all);
    for peer in READERS.iter().filter(|reader| !reader.is_own) {
        let accepted: Vec<&str> = all.iter().copied().filter(|text| (peer.read)(text)).collect();
        println!("the files that {} accepts:", peer.name);
        print_table(&[&[peer], &own[..]].concat(), &accepted);
    }
}

fn print_table(readers: &[&Reader], texts: &[&str]) {
    if texts.is_empty() {
        return println!("  none");
    }
    let n_bytes: usize = texts.iter().map(|text| text.len()).sum();
    let times = measure(readers, texts);
    let ours = readers.iter().zip(&times).find(|(reader, _)| reader.is_own).map_or(f64::NAN, |it| *it.1);
    for (reader, seconds) in readers.iter().zip(&times) {
        println!(
            "  {:<22}{:>8}{:>12.2}{:>10.0}{:>11.2}×",
            reader.name,
            texts.len(),
            seconds * 1e6 / texts.len() as f64,
            n_bytes as f64 / seconds / 1e6,
            ours / seconds
        );
    }
    println!();
}

/// The middle time of each reader for all texts, in seconds.
fn measure(readers: &[&Reader], texts: &[&str]) -> Vec<f64> {
    let mut rounds = vec![Vec::with_capacity(ROUNDS); readers.len()];
    for round in 0..ROUNDS {
        for turn in 0..readers.len() {
            // Each begins as often as the others, and has each of them before it.
            let idx = (turn + round) % readers.len();
            rounds[idx].push(cpu_time(|| {
                for text in texts {
                    std::hint::black_box((readers[idx].read)(text));
                }
            }));
        }
    }
    rounds.into_iter().map(|times| median(times).as_secs_f64()).collect()
}

fn cpu_time(run: impl FnOnce()) -> Duration {
    let start = ThreadTime::now();
    run();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn average_len(files: &[File]) -> usize {
    files.iter().map(|file| file.text.len()).sum::<usize>() / files.len()
}
