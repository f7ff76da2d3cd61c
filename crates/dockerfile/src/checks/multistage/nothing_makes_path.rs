//! `COPY --from=stage` of a path that nothing in the stage makes: the build fails there, unless the base image has it.
//!
//! Cheap looks at the text come first: few files get as far as to the ledger.

use crate::checks::{File, Findings, Level, Rule};
use crate::queries::ledger::{Certainty, How, Shape};
use crate::stages::{EdgeKind, Effect, Node, Stage, StageId, Start};

pub(super) static RULE: Rule = Rule {
    name: "NothingMakesPath",
    description: "A path is copied from a stage in which nothing makes it",
    level: Level::Warning,
    page: include_str!("nothing_makes_path.md"),
    find: Some(find),
    ..Rule::OURS
};

/// So many stages that are built on each other are looked at.
const MAX_BASES: usize = 16;

/// So many paths are looked at.
const MAX_PATHS: usize = 200;

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    let Some(cut) = file.cut else { return };
    let copied = file.graph.edges.iter().filter_map(|edge| match edge.from {
        Node::Stage(from) if edge.kind == EdgeKind::Copy && cut.needs(edge.to) && !edge.broken => {
            is_of_nothing(file, from).then_some((from, edge))
        }
        Node::Stage(_) | Node::Source(_) => None,
    });
    let mut paths = copied.flat_map(|(from, edge)| edge.paths.iter().map(move |path| (from, path)));
    if !paths.by_ref().take(MAX_PATHS).any(|(from, path)| !is_mentioned(file, from, path)) {
        return;
    }
    let ledger = file.ledger();
    for left in &ledger.left_behind {
        for selected in left.selected.iter().filter(|it| !it.is_mount && it.by.trigger.is_none()) {
            let Some(node) = ledger.node(selected.node) else { continue };
            let Some(making) = node.makings.first() else { continue };
            let is_known = node.shape != Shape::Pattern && node.path != "/" && making.how == How::Nothing;
            if !is_known || making.certainty == Certainty::Unknown {
                continue;
            }
            let name = file.graph.stages.get(left.stage.0).map(Stage::display_name).unwrap_or_default();
            let path = &node.path;
            let (id, step) = (selected.by.stage, selected.by.step);
            let written = [path.as_str(), path.trim_start_matches('/')];
            let keyword = file.instruction(id, step).map(|it| it.keyword.range);
            let places = written.map(|word| file.find(id, step, word));
            let range = places.into_iter().find(|range| Some(*range) != keyword).unwrap_or(places[0]);
            let message = match making.certainty {
                Certainty::Certain => format!("Nothing in stage '{name}' makes '{path}'"),
                Certainty::Likely | Certainty::Unknown => {
                    format!("Likely nothing in stage '{name}' makes '{path}'")
                }
            };
            let finding = acc.add(&RULE, (id, step), range, message).help("Copy a path that the stage has");
            if let Some(stage) = file.graph.stages.get(left.stage.0) {
                finding.label(stage.base_range, "the stage");
            }
        }
    }
}

/// Whether a stage begins with nothing.
fn is_of_nothing(file: &File<'_>, stage: StageId) -> bool {
    let mut next = file.graph.stages.get(stage.0);
    for _ in 0..MAX_BASES {
        match next.map(|stage| &stage.start) {
            Some(Start::Stage(base)) => next = file.graph.stages.get(base.0),
            start => return start == Some(&Start::Empty),
        }
    }
    false
}

/// Whether the text of a stage, or of one that it is FROM, has to do with a path.
fn is_mentioned(file: &File<'_>, stage: StageId, path: &str) -> bool {
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    if name.is_empty() || name.contains(['*', '?', '[']) {
        return true;
    }
    let mut next = file.graph.stages.get(stage.0);
    while let Some(stage) = next {
        let is_near = |destination: &str| {
            let destination = destination.trim_end_matches('.').trim_end_matches('/');
            path.starts_with(destination) || destination.starts_with(path)
        };
        let is_made = stage.commands.iter().any(|command| {
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
        });
        match stage.start {
            _ if is_made => return true,
            Start::Stage(base) => next = file.graph.stages.get(base.0),
            Start::Empty | Start::Image(_) | Start::UnknownImage => return false,
        }
    }
    false
}
