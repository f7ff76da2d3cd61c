//! What holds at every place of every file: nothing panics, every range can be cut out, and choosing a stage breaks
//! nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use dockerfile::assist::{self, CompletionKind, Document};
use dockerfile::stages::{self, BuildOptions};
use dockerfile::syntax;

use super::chosen;

/// The texts of the examples, and of the data of tests.
fn files(folders: &[&str]) -> Vec<String> {
    let mut open: Vec<PathBuf> =
        folders.iter().map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).collect();
    let mut texts = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if let Ok(text) = fs::read_to_string(&path) {
            texts.push(text);
        }
    }
    texts.sort();
    assert!(texts.len() > 10, "there are files");
    texts
}

fn ask(text: &str) {
    let options = BuildOptions::default();
    let document = Document::read(text, &options);
    for offset in (0..=text.len()).take(3_000) {
        let touches = |start: usize, end: usize| start <= offset && offset <= end + 3;
        if let Some(completions) = document.complete(offset) {
            let range = completions.range;
            assert!(
                text.get(range.start..range.end).is_some() && touches(range.start, range.end),
                "{range:?}"
            );
            let labels: BTreeSet<&str> = completions.items.iter().map(|item| &*item.label).collect();
            assert_eq!(
                labels.len(),
                completions.items.len(),
                "something is offered twice at {offset}:\n{text}"
            );
            assert!(!completions.items.is_empty());
        }
        if let Some(hover) = document.hover(offset) {
            let range = hover.range;
            assert!(text.get(range.start..range.end).is_some_and(|it| !it.is_empty()), "{range:?}");
            assert!(touches(range.start, range.end) && !hover.markdown.is_empty());
        }
        let references = document.references(offset);
        if let Some(range) = document.definition(offset) {
            assert!(text.get(range.start..range.end).is_some(), "{range:?}");
            assert!(
                !references.is_empty(),
                "what is made somewhere is written nowhere, at {offset}:\n{text}"
            );
        }
        for range in references {
            assert!(text.get(range.start..range.end).is_some_and(|it| !it.is_empty()), "{range:?}");
        }
    }
}

#[test]
fn every_place_of_every_file_can_be_asked_for() {
    files(&["test_data", "../../examples"]).iter().for_each(|text| ask(text));
}

#[test]
fn every_beginning_of_a_file_can_be_asked_at_its_end() {
    for text in files(&["../../examples"]) {
        for (offset, _) in text.char_indices() {
            let text = &text[..offset];
            assist::complete(text, offset);
            assist::hover(text, offset);
            assist::references(text, offset);
        }
        ask(&text.replace('\n', "\r\n"));
        ask(&format!("# escape=`\n{}", text.replace('\\', "`")));
    }
}

/// What BuildKit would say is wrong.
fn errors(text: &str) -> Vec<String> {
    let parse = syntax::parse(text);
    let graph = stages::resolve(&parse, &BuildOptions::default());
    let of_stages = graph.stage_errors.iter().map(|it| it.error.message.clone());
    let of_graph = graph.errors.iter().map(|it| it.message.clone());
    parse.errors.iter().map(|it| it.message.clone()).chain(of_graph).chain(of_stages).collect()
}

#[test]
fn choosing_a_stage_brings_no_error() {
    let mut n_chosen = 0;
    for text in files(&["test_data", "../../examples"]) {
        let options = BuildOptions::default();
        let document = Document::read(&text, &options);
        let before: BTreeSet<String> = errors(&text).into_iter().collect();
        let mut tried = BTreeSet::new();
        for offset in (0..text.len()).take(4_000) {
            let Some(completions) = document.complete(offset) else { continue };
            let stages = completions.items.iter().filter(|item| item.kind == CompletionKind::Stage);
            for item in stages {
                let text = chosen(&text, &completions, item);
                if !tried.insert(text.clone()) {
                    continue;
                }
                n_chosen += 1;
                let new: Vec<String> = errors(&text).into_iter().filter(|it| !before.contains(it)).collect();
                assert!(new.is_empty(), "{} brings {new:?}:\n{text}", item.label);
            }
        }
    }
    assert!(n_chosen > 200, "only {n_chosen} were chosen");
}
