//! Compares facts with those of a reference, section by section: a conformance check of what the corpus's own
//! program leaves out.
//!
//! Surprising: an absent key, `null`, `false`, and an empty text or list are the same here; and the reference cuts
//! the names of steps off behind the keyword, so that no more of them can be compared.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::args::CompareFacts;

/// A name, and what is compared of a file.
type Section = (&'static str, fn(&Value) -> Value);

const SECTIONS: &[Section] = &[
    ("steps", steps),
    ("operations", |row| targets(row, &["ops"])),
    ("llb-stages", |row| targets(row, &["llb_stages"])),
    ("looked-up-images", |row| targets(row, &["metadata_images"])),
    ("other-sources", |row| targets(row, &["other_sources"])),
    ("target-errors", |row| targets(row, &["error"])),
    ("error-lines", |row| pick(row, &["error_lines"])),
    ("expanded-ok", |row| pick(row, &["expanded_ok"])),
    ("directive-texts", |row| pick(row, &["directives"])),
    ("instruction-texts", |row| list(&row["instructions"], &["comments", "heredocs"])),
    ("stage-heads", |row| {
        list(&row["stages"], &["base_error", "base_invalid", "description", "platform", "platform_raw"])
    }),
    ("copy-flags", |row| commands(row, &["opts", "source_error"])),
    ("run-flags", |row| commands(row, &["shell_form", "network", "security", "mounts_error"])),
    ("mounts", |row| commands(row, &["mounts"])),
    ("mounts-expanded", |row| commands(row, &["mounts_expanded"])),
    ("values", |row| commands(row, &["sources", "dest", "contents", "expanded"])),
    ("file-operations", |row| commands(row, &["file_ops"])),
    ("processes", |row| commands(row, &["cwd", "user", "exec_args"])),
    ("outline-lines", outline),
    ("lint-errors", |row| pick(row, &["lint_error"])),
    ("build-warnings", build_warnings),
];

/// Prints, for each section, in how many files they agree, and the first differences of one.
///
/// # Errors
/// A sentence, if a file cannot be read.
pub(crate) fn run(args: &CompareFacts) -> Result<ExitCode, String> {
    let mut ours = HashMap::new();
    for row in rows(&args.ours)? {
        let row = row?;
        ours.insert(key(&row), row);
    }
    let mut n_same = vec![0; SECTIONS.len()];
    let mut n_files = 0;
    let mut n_shown = 0;
    for theirs in rows(&args.theirs)? {
        let theirs = theirs?;
        let id = theirs["id"].as_str().unwrap_or_default();
        if id.starts_with("torture:") != args.torture {
            continue;
        }
        n_files += 1;
        let ours = ours.get(&key(&theirs)).unwrap_or(&Value::Null);
        for ((name, of), n_same) in SECTIONS.iter().zip(&mut n_same) {
            let (expected, found) = (of(&theirs), of(ours));
            if expected == found {
                *n_same += 1;
            } else if args.show.as_deref() == Some(name) && n_shown < args.max_shown {
                n_shown += 1;
                println!("{name} of {id}\n- {expected}\n+ {found}");
            }
        }
    }
    for ((name, _), n_same) in SECTIONS.iter().zip(&n_same) {
        println!("  {name} {n_same}/{n_files}");
    }
    Ok(if n_same.iter().all(|&it| it == n_files) { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn rows(path: &Path) -> Result<impl Iterator<Item = Result<Value, String>>, String> {
    let told = |error: &dyn std::fmt::Display| format!("Cannot read {}: {error}", path.display());
    let file = File::open(path).map_err(|error| told(&error))?;
    let rows = BufReader::new(file).lines().map(move |line| {
        let line = line.map_err(|error| error.to_string())?;
        serde_json::from_str(&line).map_err(|error| error.to_string())
    });
    Ok(rows)
}

fn key(row: &Value) -> String {
    row["sha256"].as_str().unwrap_or_default().to_owned()
}

/// These keys of an object, without what is empty.
fn pick(object: &Value, keys: &[&str]) -> Value {
    let found = keys.iter().filter_map(|&key| Some((key.to_owned(), object.get(key)?.clone())));
    without_empty(Value::Object(found.collect()))
}

fn without_empty(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let kept = object.into_iter().map(|(key, value)| (key, without_empty(value)));
            // Suggestions are drawn by lot.
            Value::Object(kept.filter(|(key, value)| !is_empty(value) && key != "suggest").collect())
        }
        Value::Array(list) => Value::Array(list.into_iter().map(without_empty).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    }
}

/// These keys of each object of a list.
fn list(list: &Value, keys: &[&str]) -> Value {
    match list.as_array() {
        Some(list) => list.iter().map(|object| pick(object, keys)).collect(),
        None => Value::Null,
    }
}

/// These keys of each command of each stage.
fn commands(row: &Value, keys: &[&str]) -> Value {
    match row["stages"].as_array() {
        Some(stages) => stages.iter().map(|stage| list(&stage["commands"], keys)).collect(),
        None => Value::Null,
    }
}

/// These keys of each target.
fn targets(row: &Value, keys: &[&str]) -> Value {
    match &row["targets"] {
        Value::Null => Value::Null,
        targets => json!([pick(&targets["default"], keys), list(&targets["by_index"], keys)]),
    }
}

/// The steps of the default target, whatever their order.
fn steps(row: &Value) -> Value {
    let Some(vertices) = row["targets"]["default"]["vertices"].as_array() else { return Value::Null };
    let name = |value: &Value| shortened(value.as_str().unwrap_or_default());
    let mut steps: Vec<(String, String, String)> = vertices
        .iter()
        .map(|vertex| (name(&vertex["name"]), vertex["lines"].to_string(), name(&vertex["group"])))
        .collect();
    steps.sort_unstable();
    json!(steps)
}

/// What a build of the default target warns of, whatever the order.
fn build_warnings(row: &Value) -> Value {
    let mut warnings = row["targets"]["default"]["build_warnings"].as_array().cloned().unwrap_or_default();
    warnings.sort_by_key(Value::to_string);
    Value::Array(warnings)
}

/// A name as the reference cuts it off.
fn shortened(name: &str) -> String {
    const MAX: usize = 60;
    // It takes a stage called context for a named context.
    let is_cut = name.starts_with("[internal") || name.starts_with("[context") && !name.contains("] FROM ");
    let is_instruction = name.starts_with('[') && !is_cut;
    let Some((prefix, text)) = name.split_once("] ").filter(|_| is_instruction) else {
        return name.chars().take(MAX).collect();
    };
    if text.starts_with("FROM ") {
        return name.to_owned();
    }
    let words = text.split(|it: char| !it.is_ascii_alphabetic());
    let n_words = 1 + words.clone().take_while(|word| matches!(*word, "ONBUILD" | "LINK")).count();
    format!("{prefix}] {}", words.take(n_words).collect::<Vec<_>>().join(" "))
}

/// The outline with its lines. Where BuildKit gives none, or never comes to an end, there is nothing in it.
fn outline(row: &Value) -> Value {
    let outline = &row["outline"];
    let keys: &[&str] = match outline {
        Value::Null => return Value::Null,
        outline if outline.get("error").is_some() => &["error", "targets"],
        outline if outline.get("would_recurse_forever").is_some() => &["would_recurse_forever", "targets"],
        _ => &["name", "description", "args", "secrets", "ssh", "cache", "targets"],
    };
    pick(outline, keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_far_as_the_keyword() {
        let check = |name: &str, expected: &str| assert_eq!(shortened(name), expected);
        check("[a 2/2] RUN make all", "[a 2/2] RUN");
        check("[ 1/10] ONBUILD LINK COPY a b", "[ 1/10] ONBUILD LINK COPY");
        check("[2/2] RUN\tMAKE all", "[2/2] RUN");
        check("[1/2] FROM alpine:3", "[1/2] FROM alpine:3");
        check("[internal] load build context", "[internal] load build context");
        check(&"x".repeat(70), &"x".repeat(60));
    }

    #[test]
    fn what_is_empty_counts_as_absent() {
        let row = json!({"a": null, "b": [], "c": {"d": "", "e": [null, 0]}});
        assert_eq!(pick(&row, &["a", "b", "c", "x"]), json!({"c": {"e": [null, 0]}}));
    }
}
