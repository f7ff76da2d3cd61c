//! The whole build context is copied, and files that nobody wants in an image are known to be in it.

use std::collections::HashSet;

use super::context_sources::ContextSource;
use super::no_dockerignore::listed;
use crate::checks::{File, Findings, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "UnwantedInContext",
    description: "The whole build context is copied, with secrets, history or installed dependencies in it",
    level: Level::Warning,
    needs: Some("the files of the build context"),
    page: include_str!("unwanted_in_context.md"),
    find: Some(find),
    ..Rule::OURS
};

/// So many names are told.
const MAX_NAMES: usize = 4;

/// Directories that belong to a machine, not to an image.
const DIRECTORIES: &[&str] = &[
    ".git",
    ".svn",
    ".hg",
    "node_modules",
    ".venv",
    "__pycache__",
    ".terraform",
    ".aws",
    ".ssh",
    ".gnupg",
    ".idea",
    ".vscode",
];
/// Names of files with secrets.
const SECRETS: &[&str] =
    &[".env", ".netrc", ".git-credentials", ".pgpass", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519"];
/// The ends of such names.
const ENDS: &[&str] = &[".pem", ".key", ".p12", ".pfx", ".jks", ".kdbx"];

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    let Some(context) = file.context else { return };
    let Some(files) = &context.files else { return };
    if context.ignore.is_some() && file.ignore().is_none() {
        return;
    }
    let Some(source) = ContextSource::whole(file) else { return };
    let excluded = source.excluded();
    let mut seen = HashSet::new();
    let mut names = Vec::new();
    for path in files.iter().map(|file| &file.path) {
        let Some(name) = unwanted(path).filter(|name| !seen.contains(name)) else { continue };
        let is_out = file.ignore().is_some_and(|ignore| ignore.decide(path).ignored);
        if !is_out && !excluded.decide(path).ignored {
            seen.insert(name);
            names.push(name);
        }
    }
    if names.is_empty() {
        return;
    }
    let n_more = names.len().saturating_sub(MAX_NAMES);
    let help = format!("Write {} into .dockerignore, each in a line", listed(&names[..names.len() - n_more]));
    names.truncate(MAX_NAMES);
    let more = if n_more > 0 { format!(", and {n_more} more") } else { String::new() };
    let why = match context.ignore {
        Some(_) => ".dockerignore does not leave that out",
        None => "there is no .dockerignore",
    };
    acc.add(&RULE, source.at, source.range, format!("Takes {}{more} along: {why}", listed(&names)))
        .help(help);
}

/// The part of a path that nobody wants.
fn unwanted(path: &str) -> Option<&str> {
    let mut start = 0;
    for name in path.split('/') {
        let end = start + name.len();
        let is_last = end == path.len();
        if DIRECTORIES.contains(&name) || is_last && is_secret(name) {
            return path.get(..end);
        }
        start = end + 1;
    }
    None
}

fn is_secret(name: &str) -> bool {
    let is_pattern = ["example", "sample", "template", "dist", "test"].iter().any(|end| name.ends_with(end));
    SECRETS.contains(&name)
        || ENDS.iter().any(|end| name.ends_with(end))
        || name.starts_with(".env.") && !is_pattern
}
