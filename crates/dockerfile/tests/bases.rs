//! Base images: reference in, what is commonly known of it out; and whether the table can be read.

use std::collections::HashSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use dockerfile::queries::{BaseCard, Fact, base_card};
use dockerfile::stages::{self, BuildOptions, Source};
use dockerfile::syntax;
use expect_test::expect_file;

/// What a FROM with this reference starts from.
fn source(reference: &str) -> Source {
    let graph = stages::resolve(&syntax::parse(&format!("FROM {reference}\n")), &BuildOptions::default());
    graph.sources[0].clone()
}

fn path(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(file: &str) -> String {
    fs::read_to_string(path(file)).unwrap()
}

fn references() -> Vec<String> {
    let text = read("test_data/bases/references.txt");
    text.lines().map(|line| line.split(" => ").next().unwrap().to_owned()).collect()
}

#[test]
fn cards_are_as_listed() {
    let mut out = String::new();
    for reference in references() {
        let card = base_card(&source(&reference));
        writeln!(out, "{reference} => {}", card.map_or("no card".to_owned(), |card| described(&card)))
            .unwrap();
    }
    expect_file![path("test_data/bases/references.txt")].assert_eq(&out);
}

fn described(card: &BaseCard) -> String {
    let mut out = format!("{}: {} unpacked, {} to download", card.matched, card.unpacked, card.compressed);
    let facts = [
        ("system", card.distribution),
        ("libc", card.libc),
        ("shell", card.shell),
        ("packages", card.packages),
    ];
    for (name, fact) in facts {
        match fact {
            Fact::Unknown => write!(out, "; {name}?").unwrap(),
            Fact::Nothing => write!(out, "; no {name}").unwrap(),
            Fact::Is(value) => write!(out, "; {value}").unwrap(),
        }
    }
    out += match card.certificates {
        None => "; certificates?",
        Some(true) => "; certificates",
        Some(false) => "; no certificates",
    };
    write!(out, "; user {}", card.user.value().unwrap_or("?")).unwrap();
    if let Fact::Is(workdir) = card.workdir {
        write!(out, "; in {workdir}").unwrap();
    }
    for (name, words) in [("entrypoint", &card.entrypoint), ("cmd", &card.cmd), ("ports", &card.ports)] {
        if !words.is_empty() {
            write!(out, "; {name} {words:?}").unwrap();
        }
    }
    for (name, value) in &card.env {
        write!(out, "; {name}={value}").unwrap();
    }
    out
}

/// The rows of the table by their columns.
fn rows() -> Vec<Vec<String>> {
    let table = read("data/bases.tsv");
    let rows = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn is_within(row: &[String], column: usize, allowed: &[&str]) {
    let text = row.get(column).filter(|text| !text.contains('=')).map_or("", String::as_str);
    assert!(text.is_empty() || allowed.contains(&text), "{text:?} in column {column} of {row:?}");
}

#[test]
fn every_row_can_be_read() {
    for row in rows() {
        assert!(row.iter().all(|column| column.trim() == column), "blanks around a column of {row:?}");
        let is_settings = row.last().unwrap().contains('=');
        let facts = row.len() - usize::from(is_settings);
        assert!(
            row.len() >= 3 && (facts <= 7 || facts == 12),
            "{facts} columns and settings: {is_settings}: {row:?}"
        );
        is_within(&row, 3, &["glibc", "musl", "uclibc", "-", "?"]);
        is_within(&row, 4, &["/bin/sh", "/bin/bash", "/busybox/sh", "-", "?"]);
        is_within(&row, 6, &["yes", "-", "?"]);
        if facts == 12 {
            is_within(&row, 9, &["10", "30", "50"]);
            is_within(&row, 11, &["published", "likened"]);
            let (year, month) = row[10].split_once('-').unwrap();
            assert!((2015..2100).contains(&year.parse::<u32>().unwrap()), "{row:?}");
            assert!((1..=12).contains(&month.parse::<u32>().unwrap()) && month.len() == 2, "{row:?}");
            assert!(row[9].is_empty() == (row[7].contains('-') && row[8].contains('-')), "{row:?}");
        }
        if is_settings {
            for setting in row.last().unwrap().split("; ") {
                let (name, value) = setting.split_once('=').unwrap();
                let known = ["user", "workdir", "entrypoint", "cmd", "env", "ports"];
                assert!(known.contains(&name) && !value.is_empty(), "{setting} in {row:?}");
            }
        }
    }
}

#[test]
fn no_pattern_stands_twice() {
    let mut seen = HashSet::new();
    for row in rows() {
        for repository in row[0].split(',') {
            for tag in row[1].split(',') {
                assert!(
                    seen.insert((repository.to_owned(), tag.to_owned())),
                    "{repository}:{tag} stands twice"
                );
            }
        }
    }
}

#[test]
fn sizes_are_plausible_and_look_like_estimates() {
    for reference in references() {
        let Some(card) = base_card(&source(&reference)) else { continue };
        let (packed, unpacked) = (card.compressed, card.unpacked);
        assert!(packed.low <= packed.high.unwrap() && unpacked.low <= unpacked.high.unwrap(), "{reference}");
        assert!(
            packed.low <= unpacked.low && packed.high <= unpacked.high,
            "{reference}: larger when packed"
        );
        assert!(unpacked.high.unwrap() < 5_000_000_000, "{reference}");
        assert!(reference == "scratch" || unpacked.low < unpacked.high.unwrap(), "{reference}: to the byte");
    }
}

/// Every row with sizes is the one that some reference of the list is matched by.
#[test]
fn every_row_with_sizes_has_an_example() {
    let cards = references().into_iter().filter_map(|reference| base_card(&source(&reference)));
    let matched: HashSet<String> = cards.map(|card| card.matched).collect();
    for row in rows().iter().filter(|row| row.len() >= 12) {
        let patterns =
            row[0].split(',').flat_map(|it| row[1].split(',').map(move |tag| format!("{it}:{tag}")));
        let patterns: Vec<String> = patterns.collect();
        assert!(
            patterns.iter().any(|it| matched.contains(it)),
            "no example in references.txt for {patterns:?}"
        );
    }
}
