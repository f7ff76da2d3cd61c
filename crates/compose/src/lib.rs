//! Reads Compose files and Bake files: which builds there are, and what each is given.
//!
//! Text in, [`BuildFile`] out; no files, no environment. What only the environment knows is said to be unknown, never
//! guessed. YAML is read by saphyr-parser and HCL by hcl-edit, the one of each kind that says where everything stands
//! and is kept up; what the files mean is here. The application loads this crate as a WASM module of its own
//! (`main.rs`), only when somebody has such a file.
#![warn(missing_docs)]

mod bake;
mod compose_file;
mod expression;
mod functions;
mod interpolate;
mod paths;
mod places;
mod yaml;

use std::collections::BTreeMap;

use dockerfile::suggest;
use protocol::builds::{BuildFile, Language, Level, Place, Problem};

/// Nobody writes a longer one.
pub const MAX_BYTES: usize = 1 << 20;

/// The environment of a build, as far as somebody has told.
pub type Variables = BTreeMap<String, String>;

/// Reads `text`. Never fails: what is wrong is among the problems.
pub fn read(text: &str, language: Language, variables: &Variables) -> BuildFile {
    if text.len() > MAX_BYTES {
        let problem = Problem {
            level: Level::Error,
            at: Place { line: 1, column: 1 },
            message: format!("The file has more than {} kB", MAX_BYTES >> 10),
            help: Some("Only the part with the builds is needed here".to_owned()),
        };
        return BuildFile { language: Some(language), problems: vec![problem], ..BuildFile::default() };
    }
    let mut file = match language {
        Language::Compose => compose_file::read(text, variables),
        Language::BakeHcl | Language::BakeJson => bake::read(text, language, variables),
    };
    file.language = Some(language);
    file.variables.sort_by(|a, b| a.name.cmp(&b.name));
    file.problems.sort_by_key(|problem| problem.at);
    file.problems.dedup();
    file
}

/// The language of a text that nobody has named: by the name of its file, if there is one, else by how it looks.
pub fn language(name: Option<&str>, text: &str) -> Language {
    let name = name.unwrap_or_default().to_ascii_lowercase();
    let is_json = || text.trim_start().starts_with('{');
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("yaml" | "yml") => Language::Compose,
        Some("hcl") => Language::BakeHcl,
        // Compose reads JSON as well, since that is YAML.
        Some("json") if name.contains("compose") => Language::Compose,
        Some("json") => Language::BakeJson,
        _ if is_json() && text.contains("\"services\"") => Language::Compose,
        _ if is_json() => Language::BakeJson,
        _ if text.lines().any(is_hcl_line) => Language::BakeHcl,
        _ => Language::Compose,
    }
}

/// Whether a line can only be the beginning of a block, or a setting, of HCL.
fn is_hcl_line(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let is_block = matches!(words.next(), Some("target" | "group" | "variable" | "function"));
    is_block
        && words.next().is_some_and(|label| label.starts_with('"') || label == "{" || !label.contains(':'))
        && !line.trim_start().contains(": ")
}

/// The word of a list that may have been meant: the same but for its case and lines between its parts, or else the one
/// that BuildKit would take for it.
fn near<'k>(word: &str, words: impl Iterator<Item = &'k str> + Clone) -> Option<String> {
    let letters = |text: &str| text.to_ascii_lowercase().replace(['-', '_'], "");
    let same = words.clone().find(|it| letters(it) == letters(word)).map(str::to_owned);
    same.or_else(|| suggest::nearest(word, words))
}
