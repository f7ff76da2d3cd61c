//! `COPY --from=stage` of a path that nothing in the stage makes: the build fails there, unless the base image has it.
//!
//! Surprising: WORKDIR is no part of it. A relative path is looked for at the top of the stage, whatever directory its
//! own commands run in. Cheap looks at the text come first: few files get as far as to the ledger.

use super::systems::{card, lineage};
use crate::checks::{File, Finding, Findings, Level, Rule};
use crate::edit::{Fix, TextEdit};
use crate::queries::Fact;
use crate::queries::ledger::{Certainty, How, LeftBehind, Making, Node as Traced, Selected, Shape};
use crate::stages::{EdgeKind, Effect, Node, Stage, StageId, Start};
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "NothingMakesPath",
    description: "A path is copied from a stage in which nothing makes it",
    level: Level::Warning,
    page: include_str!("nothing_makes_path.md"),
    find: Some(find),
    mend: Some(mend),
    ..Rule::OURS
};

/// So many paths are looked at.
const MAX_PATHS: usize = 200;

/// So many paths that a stage makes are looked through for the one that may have been meant.
const MAX_CANDIDATES: usize = 200;

/// What images have at their top, as far as they are known here.
const OF_IMAGES: &[&str] = &[
    "bin", "boot", "cnb", "data", "deno-dir", "dev", "etc", "go", "home", "lib", "lib32", "lib64", "libx32",
    "media", "mnt", "nix", "opt", "proc", "root", "run", "sbin", "srv", "sys", "tmp", "usr", "var",
];

/// A path that is copied although nothing makes it.
struct Missing<'f> {
    at: (StageId, usize),
    path: String,
    from: &'f Stage,
    is_certain: bool,
    /// The path that may have been meant.
    meant: Option<String>,
    /// Whether that is because of WORKDIR.
    is_relative: bool,
}

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    if !is_worth_a_look(file) {
        return;
    }
    for missing in all_missing(file) {
        let name = missing.from.display_name();
        let path = &missing.path;
        let message = match (missing.is_certain, missing.is_relative) {
            (true, _) => format!("Nothing in stage '{name}' makes '{path}'"),
            (false, false) => format!("Likely nothing in stage '{name}' makes '{path}'"),
            (false, true) => {
                format!(
                    "This is '{path}', which likely nothing in stage '{name}' makes: WORKDIR does not count here"
                )
            }
        };
        let help = match &missing.meant {
            Some(meant) => format!("Copy '{meant}', if that is meant"),
            None => "Copy a path that the stage has".to_owned(),
        };
        acc.add(&RULE, missing.at, missing.range(file), message)
            .help(help)
            .label(missing.from.base_range, "the stage");
    }
}

/// Whether some path is copied that the text says nothing of.
fn is_worth_a_look(file: &File<'_>) -> bool {
    let Some(cut) = file.cut else { return false };
    let copied = file.graph.edges.iter().filter_map(|edge| match edge.from {
        Node::Stage(from) if edge.kind == EdgeKind::Copy && cut.needs(edge.to) && !edge.broken => {
            Some((from, edge))
        }
        Node::Stage(_) | Node::Source(_) => None,
    });
    let paths = copied.flat_map(|(from, edge)| edge.paths.iter().map(move |path| (from, path)));
    let mut paths = paths.take(MAX_PATHS);
    paths.any(|(from, path)| match is_of_nothing(file, from) {
        true => !is_mentioned(file, from, path),
        false => is_foreign(file, from, path),
    })
}

fn all_missing<'f>(file: &File<'f>) -> Vec<Missing<'f>> {
    let ledger = file.ledger();
    let all = ledger.left_behind.iter().flat_map(|left| left.selected.iter().map(move |it| (left, it)));
    let all = all.filter(|(_, it)| !it.is_mount && it.by.trigger.is_none());
    all.filter_map(|(left, selected)| missing(file, left, selected)).collect()
}

fn missing<'f>(file: &File<'f>, left: &LeftBehind, selected: &Selected) -> Option<Missing<'f>> {
    let node = file.ledger().node(selected.node).filter(|it| it.shape != Shape::Pattern && it.path != "/")?;
    let from = file.graph.stages.get(left.stage.0)?;
    let at = (selected.by.stage, selected.by.step);
    let path = node.path.clone();
    let making = node.makings.first()?;
    if making.how == How::Nothing {
        let is_certain = making.certainty == Certainty::Certain;
        let meant = made_elsewhere(file, left, &path);
        let missing = Missing { at, path, from, is_certain, meant, is_relative: false };
        return (making.certainty != Certainty::Unknown).then_some(missing);
    }
    // What is left are guesses: the base image may have it, and commands that nobody here knows may make it.
    let is_guess =
        |it: &Making| it.certainty == Certainty::Unknown && matches!(it.how, How::Base | How::Run { .. });
    if !is_foreign(file, left.stage, &path) || !node.makings.iter().all(is_guess) {
        return None;
    }
    if let Some(meant) = in_workdir(file, left.stage, at, node) {
        return Some(Missing { at, path, from, is_certain: false, meant: Some(meant), is_relative: true });
    }
    let is_of_base = node.makings.iter().all(|it| it.how == How::Base);
    let meant = made_elsewhere(file, left, &path);
    is_of_base.then_some(Missing { at, path, from, is_certain: false, meant, is_relative: false })
}

/// A path of the same name that the stage makes and nobody takes.
fn made_elsewhere(file: &File<'_>, left: &LeftBehind, path: &str) -> Option<String> {
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let nodes = left.paths.iter().take(MAX_CANDIDATES).filter_map(|it| file.ledger().node(it.node));
    let mut others = nodes.filter(|it| it.shape != Shape::Pattern && name(&it.path) == name(path));
    others.next().map(|it| it.path.clone())
}

/// The path below the WORKDIR of a stage, where one is written as if it began there.
fn in_workdir(file: &File<'_>, stage: StageId, at: (StageId, usize), node: &Traced) -> Option<String> {
    let args = &file.instruction(at.0, at.1)?.args;
    let is_relative = args.iter().any(|word| word.text.trim_end_matches('/') == &node.path[1..]);
    let directory = lineage(file.graph, stage).find_map(|stage| {
        stage.commands.iter().rev().find_map(|command| {
            let Effect::Workdir { path, .. } = &command.effect else { return None };
            Some(path.trim_end_matches('/'))
        })
    })?;
    let first = |path: &str| path.split('/').nth(1).unwrap_or_default().to_owned();
    let is_elsewhere = !directory.is_empty() && first(directory) != first(&node.path);
    (is_relative && is_elsewhere).then(|| format!("{directory}{}", node.path))
}

impl Missing<'_> {
    /// Where the path is written.
    fn range(&self, file: &File<'_>) -> TextRange {
        let (id, step) = self.at;
        let written = [self.path.as_str(), self.path.trim_start_matches('/')];
        let keyword = file.instruction(id, step).map(|it| it.keyword.range);
        let places = written.map(|word| file.find(id, step, word));
        places.into_iter().find(|range| Some(*range) != keyword).unwrap_or(places[0])
    }
}

/// Whether a stage begins with nothing.
fn is_of_nothing(file: &File<'_>, stage: StageId) -> bool {
    lineage(file.graph, stage).last().is_some_and(|it| it.start == Start::Empty)
}

/// Whether a path lies where the base image of a stage, which is known, has nothing, and the text says nothing of that.
fn is_foreign(file: &File<'_>, stage: StageId, path: &str) -> bool {
    let top = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    let is_of_image =
        OF_IMAGES.contains(&top) || top.contains("entrypoint") || top.contains(['*', '?', '[', '.']);
    let is_own = |directory: &str| directory.split('/').nth(1) == Some(top);
    if top.is_empty() || is_of_image {
        return false;
    }
    // An image without a package manager is there for what it has, and that may lie at its top.
    let may_have = card(file, stage).is_none_or(|card| match (card.packages, card.workdir) {
        (Fact::Nothing, _) => true,
        (Fact::Is(_) | Fact::Unknown, Fact::Is(directory)) => is_own(directory),
        (Fact::Is(_) | Fact::Unknown, Fact::Nothing | Fact::Unknown) => false,
    });
    // So may one that is given a name and nothing more.
    let makes =
        |it: &Stage| it.commands.iter().any(|it| matches!(it.effect, Effect::Run(_) | Effect::Copy(_)));
    let below_root = format!("/{top}");
    !may_have
        && lineage(file.graph, stage).any(makes)
        && !lineage(file.graph, stage).any(|stage| {
            let mut effects = stage.commands.iter().map(|command| &command.effect);
            stage.range.of(file.text).contains(&below_root)
                || effects.any(|effect| {
                    if let Effect::Copy(copied) = effect {
                        let mut places = copied.files.iter().map(|it| it.destination.trim_end_matches('.'));
                        places.any(|to| is_own(to) || to == "/")
                    } else {
                        matches!(effect, Effect::Workdir { path, .. } if is_own(path))
                    }
                })
        })
}

/// Whether the text of a stage, or of one that it is FROM, has to do with a path.
fn is_mentioned(file: &File<'_>, stage: StageId, path: &str) -> bool {
    let path = format!("/{}", path.trim_matches('/'));
    let name = path.rsplit('/').next().unwrap_or_default();
    if name.is_empty() || name.contains(['*', '?', '[']) {
        return true;
    }
    lineage(file.graph, stage).any(|stage| {
        let is_near = |destination: &str| {
            let destination = destination.trim_end_matches('.').trim_end_matches('/');
            path.starts_with(destination) || destination.starts_with(&path)
        };
        stage.commands.iter().any(|command| {
            if let Effect::Copy(copied) = &command.effect {
                copied.files.iter().any(|file| is_near(&file.destination))
            } else if let Effect::Workdir { path, .. } = &command.effect {
                is_near(path)
            } else if let Effect::Run(_) = &command.effect {
                let run = file.instruction(stage.id, command.step).filter(|_| command.trigger.is_none());
                run.is_none_or(|run| run.range.of(file.text).contains(name))
            } else {
                false
            }
        })
    })
}

fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let at = finding.stage.zip(finding.step);
    let missing = all_missing(file).into_iter().filter(|it| Some(it.at) == at);
    let mut meant = missing.filter(|it| it.range(file) == finding.range).filter_map(|it| it.meant);
    let Some(meant) = meant.next() else { return Vec::new() };
    let edit = TextEdit::replace(finding.range, &meant);
    vec![Fix::asking(format!("Copy '{meant}'"), "It is a guess that this is meant", vec![edit])]
}
