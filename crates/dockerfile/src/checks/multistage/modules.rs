//! Modules that a package manager of a language has installed in one stage, and a COPY takes to another.

use super::copies::{Copying, is_in, trimmed};
use super::runs::{Run, name, runs};
use super::systems::lineage;
use crate::checks::File;
use crate::queries::ledger::{Deed, ShellCommand};
use crate::stages::StageId;

/// A command that installs modules.
pub(super) struct Modules<'f> {
    /// Where it stands.
    pub(super) run: Run<'f>,
    pub(super) command: ShellCommand,
    /// Where they go.
    pub(super) path: String,
}

/// What a stage and those it is FROM have installed, the last first.
pub(super) struct Installed<'f> {
    pub(super) from: StageId,
    modules: Vec<Modules<'f>>,
}

/// How many commands of a stage are looked at.
const MAX_COMMANDS: usize = 100;

impl<'f> Installed<'f> {
    /// What npm, yarn and pnpm have installed.
    pub(super) fn of_node(file: &File<'f>, from: StageId) -> Installed<'f> {
        Installed::of(file, from, &["npm", "yarn"], "node_modules")
    }

    /// The virtual environments.
    pub(super) fn of_venv(file: &File<'f>, from: StageId) -> Installed<'f> {
        Installed::of(file, from, &["venv", "virtualenv", "uv sync", "poetry"], "venv")
    }

    fn of(file: &File<'f>, from: StageId, programs: &[&str], part: &str) -> Installed<'f> {
        let mut modules = Vec::new();
        for stage in lineage(file.graph, from) {
            let all: Vec<Run<'f>> = runs(file, stage).filter(|run| run.mentions(programs)).collect();
            for run in all.into_iter().rev().take(MAX_COMMANDS) {
                for command in run.commands(file).into_iter().rev() {
                    // An archive is unpacked somewhere, too; but only a package manager knows its own directory.
                    let is_program = command.words.first().is_some_and(|it| PROGRAMS.contains(&name(it)));
                    let path = command.deeds.iter().find_map(|deed| {
                        let Deed::Makes { path, .. } = deed else { return None };
                        (is_program && name(path).contains(part)).then(|| path.clone())
                    });
                    if let Some(path) = path {
                        modules.push(Modules { run, command, path });
                    }
                }
            }
        }
        modules.truncate(MAX_COMMANDS);
        Installed { from, modules }
    }

    /// Those that a COPY takes, or takes along, and the source that has them.
    pub(super) fn taken(&self, copying: &Copying<'f>) -> Option<(&Modules<'f>, &'f str)> {
        self.modules.iter().find_map(|modules| {
            let mut files = copying.copied.files.iter();
            let file = files.find(|it| trimmed(&it.source) != "/" && is_in(&it.source, &modules.path))?;
            Some((modules, file.source.as_str()))
        })
    }
}

const PROGRAMS: &[&str] = &["npm", "yarn", "pnpm", "python", "python3", "virtualenv", "uv", "poetry"];

/// Whether a COPY, at a quick look, is about modules: their directory, or one that may have it.
pub(super) fn may_take(copying: &Copying<'_>) -> bool {
    copying.copied.files.iter().any(|it| {
        let last = name(trimmed(&it.source));
        // A file is none.
        !last.contains('.') || last.starts_with('.')
    })
}
