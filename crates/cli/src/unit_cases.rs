//! Compares words, references, platforms and addresses with what a file of cases expects: a conformance check
//! of the parts that a whole Dockerfile seldom reaches.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use dockerfile::stages::git_ref::{self, GitError};
use dockerfile::stages::{expand, image_ref, platform};
use serde_json::{Value, json};

/// Disagreements that are printed of each kind.
const MAX_SHOWN: usize = 10;

#[derive(Default)]
struct Tally {
    n_same: usize,
    n_cases: usize,
}

/// Prints, for each kind, how many cases agree, and the first that do not.
///
/// # Errors
/// A sentence, if the file cannot be read.
pub(crate) fn run(file: &Path) -> Result<ExitCode, String> {
    let text =
        std::fs::read_to_string(file).map_err(|error| format!("Cannot read {}: {error}", file.display()))?;
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for (idx, line) in text.lines().enumerate() {
        let case: Value =
            serde_json::from_str(line).map_err(|error| format!("{}:{}: {error}", file.display(), idx + 1))?;
        let kind = case["kind"].as_str().unwrap_or_default();
        let Some(ours) = answer(kind, &case) else {
            return Err(format!("{}:{}: '{kind}' is no known kind of case", file.display(), idx + 1));
        };
        let tally = tallies.entry(kind.to_owned()).or_default();
        tally.n_cases += 1;
        let differs: Vec<&str> = ours
            .iter()
            .filter(|(key, value)| case.get(**key).unwrap_or(&Value::Null) != *value)
            .map(|(key, _)| *key)
            .collect();
        if differs.is_empty() {
            tally.n_same += 1;
        } else if tally.n_cases - tally.n_same <= MAX_SHOWN {
            for key in differs {
                let expected = case.get(key).unwrap_or(&Value::Null);
                println!("{kind} {}: {key} should be {expected}, is {}", case["in"], ours[key]);
            }
        }
    }
    for (kind, tally) in &tallies {
        println!("unit {kind} {}/{}", tally.n_same, tally.n_cases);
    }
    let is_same = tallies.values().all(|tally| tally.n_same == tally.n_cases);
    Ok(if is_same { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// What we say to a case; an absent key and `null` are the same.
fn answer(kind: &str, case: &Value) -> Option<BTreeMap<&'static str, Value>> {
    let given = case["in"].as_str().unwrap_or_default();
    Some(match kind {
        "shell" => shell(given, case),
        "ref" => reference(given),
        "platform" => match platform::parse(given) {
            Ok(platform) => BTreeMap::from([("format", json!(platform.format()))]),
            Err(message) => BTreeMap::from([("error", json!(message))]),
        },
        "git" => git(given),
        _ => return None,
    })
}

fn shell(word: &str, case: &Value) -> BTreeMap<&'static str, Value> {
    let env: Vec<(&str, &str)> = case["env"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|pair| pair.as_str()?.split_once('='))
        .collect();
    let lookup =
        move |name: &str| env.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let escape = case["escape"].as_str().and_then(|it| it.chars().next()).unwrap_or('\\');
    let mut ours = BTreeMap::new();
    match expand::expand(word, escape, &lookup) {
        Ok(expansion) => {
            ours.insert("word", json!(expansion.text));
            ours.insert("matched", json!(expansion.used));
            ours.insert("unmatched", json!(expansion.unset));
        }
        Err(message) => {
            ours.insert("error", json!(message));
        }
    }
    if let Ok((words, _)) = expand::expand_to_words(word, escape, &lookup) {
        ours.insert("words", json!(words));
    }
    match expand::expand_heredoc(word, &lookup) {
        Ok(expansion) => ours.insert("heredoc", json!(expansion.text)),
        Err(message) => ours.insert("heredoc_error", json!(message)),
    };
    ours
}

fn reference(text: &str) -> BTreeMap<&'static str, Value> {
    match image_ref::parse(text) {
        Ok(image) => {
            BTreeMap::from([("normalized", json!(image.normalized())), ("familiar", json!(image.familiar()))])
        }
        Err(message) => BTreeMap::from([("error", json!(message))]),
    }
}

fn git(text: &str) -> BTreeMap<&'static str, Value> {
    match git_ref::parse(text) {
        Ok((git, is_local_like)) => BTreeMap::from([
            ("is_git", json!(true)),
            ("local_like", json!(is_local_like)),
            ("remote", json!(git.remote)),
            ("ref", json!(git.reference)),
            ("subdir", json!(git.subdir)),
        ]),
        Err(GitError::NotGit(message) | GitError::Refused(message)) => {
            BTreeMap::from([("error", json!(message))])
        }
    }
}
