//! Modules that a package manager of a language has installed in one stage, and a COPY takes to another.

use super::copies::{Copying, is_in, trimmed};
use super::runs::{Run, name, runs};
use super::systems::lineage;
use crate::checks::File;
use crate::queries::ledger::{Deed, ShellCommand};

/// A command that installs modules.
pub(super) struct Modules<'f> {
    /// Where it stands.
    pub(super) run: Run<'f>,
    pub(super) command: ShellCommand,
    /// Where they go.
    pub(super) path: String,
    /// What is copied of it, or what it is copied with.
    pub(super) source: &'f str,
}

/// What a COPY takes along that npm, yarn or pnpm has installed, by the last command that does.
pub(super) fn of_node<'f>(file: &File<'f>, copying: &Copying<'f>) -> Option<Modules<'f>> {
    taken(file, copying, &["npm", "yarn", "pnpm"], "node_modules")
}

/// What a COPY takes along of a virtual environment.
pub(super) fn of_venv<'f>(file: &File<'f>, copying: &Copying<'f>) -> Option<Modules<'f>> {
    taken(file, copying, &["python", "python3", "virtualenv", "uv", "poetry"], "venv")
}

fn taken<'f>(file: &File<'f>, copying: &Copying<'f>, programs: &[&str], part: &str) -> Option<Modules<'f>> {
    for stage in lineage(file.graph, copying.from.id) {
        let all: Vec<Run<'f>> = runs(file, stage).collect();
        for run in all.into_iter().rev() {
            if !run.words().any(|word| programs.contains(&name(word))) {
                continue;
            }
            for command in run.commands(file).into_iter().rev() {
                let is_program = command.words.first().is_some_and(|it| programs.contains(&name(it)));
                let paths = command.deeds.iter().filter_map(|deed| match deed {
                    Deed::Makes { path, .. } if is_program && name(path).contains(part) => Some(path.clone()),
                    _ => None,
                });
                let found = paths.into_iter().find_map(|path| {
                    let mut files = copying.copied.files.iter();
                    let file = files.find(|it| trimmed(&it.source) != "/" && is_in(&it.source, &path))?;
                    Some((path, file.source.as_str()))
                });
                if let Some((path, source)) = found {
                    return Some(Modules { run, command, path, source });
                }
            }
        }
    }
    None
}

/// Whether a COPY, at a quick look, is about modules: their directory, or one that may have it.
pub(super) fn may_take(copying: &Copying<'_>) -> bool {
    copying.copied.files.iter().any(|it| {
        let last = name(trimmed(&it.source));
        // A file is none.
        !last.contains('.') || last.starts_with('.')
    })
}
