//! All of a system, or all of a directory with sources in it, copied from the stage that builds.
//!
//! Surprising: `FROM scratch` with `COPY --from=… / /` is how people squash an image, so that one is meant.

use super::copies::{Copying, copies, from_context, trimmed};
use super::runs::{name, runs};
use super::systems::{card, lineage};
use crate::checks::{File, Findings, Level, Rule};
use crate::stages::{Effect, StageId, Start};

pub(super) static RULE: Rule = Rule {
    name: "WholeTreeCopied",
    description: "More is copied from a stage than what it has made",
    level: Level::Info,
    page: include_str!("whole_tree_copied.md"),
    find: Some(find),
    ..Rule::OURS
};

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    for &stage in file.shipped() {
        for copying in copies(file, stage) {
            for it in &copying.copied.files {
                let source = trimmed(&it.source);
                let is_squash = source == "/" && stage.start == Start::Empty;
                if matches!(source, "/" | "/usr" | "/root" | "/home" | "/var" | "/etc" | "/lib" | "/opt")
                    && !is_squash
                {
                    system(file, &copying, source, acc);
                } else if let Some(row) = sources(file, &copying, source) {
                    let message = format!("With what was built, the sources in '{source}' come along");
                    let at = file.instruction(row.0, row.1).map_or(copying.edge.range, |it| it.range);
                    acc.add(&RULE, copying.row(), copying.source_range(file, source), message)
                        .help("Copy only what was built")
                        .label(at, "these are the sources");
                }
            }
        }
    }
}

/// A directory of the system: with everything that the base image and package managers have put there.
fn system(file: &File<'_>, copying: &Copying<'_>, source: &str, acc: &mut Findings<'_>) {
    // What a stage without a system has there is its own; an image that nothing runs in may be no system either.
    let has_shell = card(file, copying.from.id).is_some_and(|card| card.shell.value().is_some());
    if !has_shell {
        return;
    }
    let brings = match source {
        "/" => "the whole system of the stage comes along",
        "/usr" | "/lib" => "programs and libraries of the other system come along",
        "/root" | "/home" => "caches and settings of whoever builds come along",
        "/etc" => "settings of the other system come along, its users among them",
        "/var" => "caches and lists of the package manager come along",
        _ => return,
    };
    let message = format!("With '{source}' {brings}");
    acc.add(&RULE, copying.row(), copying.source_range(file, source), message)
        .help("Name what is needed of it");
}

/// The COPY that has brought sources to where the copy takes everything from, if they are there to be compiled.
fn sources(file: &File<'_>, copying: &Copying<'_>, source: &str) -> Option<(StageId, usize)> {
    let stages = || lineage(file.graph, copying.from.id);
    let brought = stages().find_map(|stage| {
        file.effects(stage).find_map(|(step, effect)| {
            let Effect::Copy(copied) = effect else { return None };
            let is_context = from_context(file, (stage.id, step));
            let mut files = copied.files.iter();
            let is_it = files.any(|it| trimmed(&it.source) == "/" && trimmed(&it.destination) == source);
            (is_context && is_it).then_some((stage.id, step))
        })
    })?;
    let (mut compiles, mut interprets) = (false, false);
    for word in stages().flat_map(|stage| runs(file, stage)).flat_map(|run| run.words()) {
        match name(word) {
            "go" | "cargo" | "mvn" | "mvnw" | "gradle" | "gradlew" | "javac" | "gcc" | "g++" | "cmake"
            | "sbt" | "swift" => {
                compiles = true;
            }
            "npm" | "yarn" | "pnpm" | "bun" | "node" | "pip" | "pip3" | "python" | "python3" | "uv"
            | "poetry" | "bundle" | "gem" | "composer" | "php" | "ruby" | "mix" => interprets = true,
            _ => {}
        }
    }
    (compiles && !interprets && source != "/").then_some(brought)
}
