//! Licences and sources of all crates, by the lists in `deny.toml`.
//!
//! This is the part of cargo-deny's work that matters most, without the minutes it takes to build cargo-deny.

use std::{fs, process::Command};

use anyhow::{Context, Result, bail};

use crate::process;

pub(super) fn check() -> Result<()> {
    let settings = fs::read_to_string("deny.toml").context("Cannot read deny.toml")?;
    let allowed =
        list(&settings, "licenses", "allow").context("deny.toml: [licenses] has no list `allow`")?;
    let lock = fs::read_to_string("Cargo.lock").context("Cannot read Cargo.lock")?;
    let mut command = Command::new("cargo");
    command.args(["tree", "--quiet", "--workspace", "--target", "all", "--edges", "normal,build,dev"]);
    let crates = process::answer(command.args(["--prefix", "none", "--no-dedupe", "--format", "{p}\t{l}"]))?;

    let mut complaints = foreign_sources(&lock);
    complaints.extend(unwelcome_licences(&crates, &allowed));
    if complaints.is_empty() { Ok(()) } else { bail!("{}", complaints.join("\n")) }
}

/// Crates come from Cargo's own registry: what comes from elsewhere can change or vanish.
fn foreign_sources(lock: &str) -> Vec<String> {
    let sources = lock.lines().filter_map(|line| line.strip_prefix("source = \""));
    let foreign = sources.filter(|source| !source.starts_with("registry+"));
    foreign
        .map(|source| format!("Cargo.lock: take the crate from {source} from the registry instead"))
        .collect()
}

/// `crates` has a line a crate: its name and version, a tab, its licence.
fn unwelcome_licences(crates: &str, allowed: &[String]) -> Vec<String> {
    let mut lines: Vec<&str> = crates.lines().filter(|line| !line.is_empty()).collect();
    lines.sort_unstable();
    lines.dedup();
    let complain = |line: &str| {
        let (name, licence) = line.split_once('\t').unwrap_or((line, ""));
        let is_fine = is_allowed(licence, allowed);
        (!is_fine).then(|| {
            let licence = if licence.is_empty() { "no licence" } else { licence };
            format!("Cargo.lock: {name} has {licence}, which deny.toml does not allow; replace the crate")
        })
    };
    lines.into_iter().filter_map(complain).collect()
}

/// Whether an SPDX expression leaves a choice that is allowed. Old crates write `/` for `OR`.
fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    either(&mut rest, allowed) == Some(true) && rest.is_empty()
}

fn either(words: &mut &[&str], allowed: &[String]) -> Option<bool> {
    let mut answer = both(words, allowed)?;
    while take(words, "OR") {
        answer |= both(words, allowed)?;
    }
    Some(answer)
}

fn both(words: &mut &[&str], allowed: &[String]) -> Option<bool> {
    let mut answer = one(words, allowed)?;
    while take(words, "AND") {
        answer &= one(words, allowed)?;
    }
    Some(answer)
}

fn one(words: &mut &[&str], allowed: &[String]) -> Option<bool> {
    if take(words, "(") {
        let answer = either(words, allowed)?;
        return take(words, ")").then_some(answer);
    }
    let (name, rest) = words.split_first()?;
    *words = rest;
    let mut licence = (*name).to_owned();
    if take(words, "WITH") {
        let (exception, rest) = words.split_first()?;
        *words = rest;
        licence = format!("{licence} WITH {exception}");
    }
    Some(allowed.contains(&licence))
}

fn take(words: &mut &[&str], word: &str) -> bool {
    match words.split_first() {
        Some((first, rest)) if *first == word => {
            *words = rest;
            true
        }
        _ => false,
    }
}

/// The strings of `key = ["a", "b"]` in one table of a TOML file; of TOML, only what deny.toml uses.
fn list(toml: &str, table: &str, key: &str) -> Option<Vec<String>> {
    let (_, text) = toml.split_once(&format!("\n[{table}]\n"))?;
    let text = text.split("\n[").next()?;
    let (_, text) = text.split_once(&format!("{key} = ["))?;
    let (items, _) = text.split_once(']')?;
    let lines = items.lines().map(|line| line.split('#').next().unwrap_or(line));
    Some(
        lines
            .flat_map(|line| line.split(','))
            .filter_map(|item| Some(item.trim().strip_prefix('"')?.strip_suffix('"')?.to_owned()))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed() -> Vec<String> {
        ["MIT", "Apache-2.0", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).to_vec()
    }

    #[test]
    fn one_choice_is_enough() {
        assert!(is_allowed("MIT", &allowed()));
        assert!(is_allowed("GPL-3.0 OR MIT", &allowed()));
        assert!(is_allowed("Unlicense/MIT", &allowed()));
        assert!(!is_allowed("GPL-3.0", &allowed()));
        assert!(!is_allowed("", &allowed()));
    }

    #[test]
    fn all_parts_are_needed() {
        assert!(is_allowed("(MIT OR Apache-2.0) AND Unicode-3.0", &allowed()));
        assert!(!is_allowed("MIT AND GPL-3.0", &allowed()));
        assert!(is_allowed("GPL-3.0 OR (MIT AND Apache-2.0)", &allowed()));
    }

    #[test]
    fn an_exception_is_part_of_a_licence() {
        assert!(is_allowed("Apache-2.0 WITH LLVM-exception", &allowed()));
        assert!(!is_allowed("MIT WITH odd-exception", &allowed()));
    }

    #[test]
    fn a_broken_expression_allows_nothing() {
        for expression in ["(MIT", "MIT OR", "MIT MIT", ") MIT"] {
            assert!(!is_allowed(expression, &allowed()), "{expression}");
        }
    }

    #[test]
    fn complaints_name_the_crate() {
        let crates = "a v1.0.0\tMIT\nb v2.0.0\tGPL-3.0\nb v2.0.0\tGPL-3.0\n";
        assert_eq!(
            unwelcome_licences(crates, &allowed()),
            ["Cargo.lock: b v2.0.0 has GPL-3.0, which deny.toml does not allow; replace the crate"]
        );
    }

    #[test]
    fn sources_other_than_the_registry_are_found() {
        let lock = "source = \"registry+https://somewhere\"\nsource = \"git+https://elsewhere\"\n";
        assert_eq!(foreign_sources(lock).len(), 1);
    }

    #[test]
    fn the_list_is_read_from_its_table() {
        let toml = "\n[bans]\nallow = [\"x\"]\n\n[licenses]\nallow = [\n  \"MIT\", # short\n  \"ISC\",\n]\n\n[sources]\n";
        assert_eq!(list(toml, "licenses", "allow"), Some(vec!["MIT".to_owned(), "ISC".to_owned()]));
        assert_eq!(list(toml, "sources", "allow"), None);
    }
}
