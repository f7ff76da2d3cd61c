//! A build stage of which everything is copied, onto the very image it was built on: it leaves nothing behind.

use super::copies::{copies, trimmed};
use super::runs::{name, runs};
use super::systems::base;
use crate::checks::{File, Findings, Level, Rule};
use crate::stages::{Effect, Stage, Start};

pub(super) static RULE: Rule = Rule {
    name: "NothingLeftBehind",
    description: "A stage leaves nothing behind, so it makes the image no smaller",
    level: Level::Info,
    page: include_str!("nothing_left_behind.md"),
    find: Some(find),
    ..Rule::OURS
};

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    let Some(target) = file.target().filter(|stage| stage.start == Start::UnknownImage) else { return };
    let same = base(file.graph, target.id);
    for copying in copies(file, target) {
        let from = copying.from;
        let is_same = from.start == Start::UnknownImage && base(file.graph, from.id) == same;
        if !is_same || from.effective_platform != target.effective_platform || leaves(file, from) {
            continue;
        }
        let work = directory(file, from);
        let mut files = copying.copied.files.iter();
        let Some(all) = files.find(|it| trimmed(&it.source) == "/" || Some(trimmed(&it.source)) == work)
        else {
            continue;
        };
        let range = copying.source_range(file, &all.source);
        let message = format!(
            "All of '{}' is copied, onto the base it has too: likely nothing is left behind but caches",
            from.display_name()
        );
        acc.add(&RULE, copying.row(), range, message)
            .help("Copy less, take a smaller base, or do without the stage")
            .label(from.base_range, "the same base");
    }
}

/// The one directory a stage works in.
fn directory<'f>(file: &File<'f>, stage: &'f Stage) -> Option<&'f str> {
    let mut paths = file.effects(stage).filter_map(|(_, effect)| {
        let Effect::Workdir { path, .. } = effect else { return None };
        Some(trimmed(path))
    });
    let first = paths.next().filter(|path| *path != "/")?;
    paths.all(|path| path == first).then_some(first)
}

/// Whether a stage has, at a quick look, anything beside its directory, or takes something away from it.
fn leaves<'f>(file: &File<'f>, stage: &'f Stage) -> bool {
    runs(file, stage).any(|run| {
        run.words().any(|word| {
            matches!(
                name(word),
                "apk"
                    | "apt-get"
                    | "apt"
                    | "dnf"
                    | "yum"
                    | "microdnf"
                    | "zypper"
                    | "pacman"
                    | "rm"
                    | "curl"
                    | "wget"
                    | "git"
                    | "prune"
                    | "-g"
                    | "--global"
                    | "gem"
                    | "corepack"
                    | "pip"
                    | "pip3"
                    | "cargo"
                    | "go"
                    | "mvn"
                    | "gradle"
                    | "uv"
                    | "poetry"
                    | "pipx"
                    | "bundle"
                    | "clean"
            )
        })
    })
}
