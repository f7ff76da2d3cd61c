//! `--from` names a stage that stands further down.
//!
//! Surprising: only COPY and mounts see the stages below them, and refuse them; to FROM such a word is an image.

use std::collections::HashMap;

use crate::checks::{File, Finding, Findings, Level, Rule};
use crate::edit::Fix;
use crate::refactor;
use crate::stages::{Edge, FORWARD_HELP, Node, StageId};
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "ForwardReference",
    description: "Files are taken from a stage that stands further down",
    level: Level::Error,
    page: include_str!("forward_reference.md"),
    find: Some(find),
    mend: Some(mend),
    ..Rule::OURS
};

/// So many of them are looked into and can be mended at a time, each in as long as it takes to read the file. Behind those
/// that are mended come the next.
const MAX_ASKED: usize = 20;

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    let is_met = |id: StageId| file.cut.is_some_and(|cut| cut.needs(id));
    let errors = file.graph.stage_errors.iter().filter(|it| it.error.help.as_deref() == Some(FORWARD_HELP));
    let mut errors = errors.filter(|it| is_met(it.stage)).peekable();
    if errors.peek().is_none() {
        return;
    }
    let edges: HashMap<(StageId, TextRange), &Edge> =
        forward(file).map(|edge| ((edge.to, edge.range), edge)).collect();
    for (nth, error) in errors.enumerate() {
        let Some(edge) = edges.get(&(error.stage, error.error.range)) else { continue };
        let Node::Stage(from) = edge.from else { continue };
        let (used, user) = (&file.graph.stages[from.0], &file.graph.stages[edge.to.0]);
        let (it, its_user) = (used.display_name(), user.display_name());
        let is_circle = nth < MAX_ASKED && refactor::needed_below(file.graph, from, edge.to).is_none();
        let help = match is_circle {
            true => format!(
                "'{it}' needs '{its_user}' as well, so neither can stand above the other: move what both need into a stage above them"
            ),
            false => format!("Stages are built from top to bottom: move '{it}' above '{its_user}'"),
        };
        acc.add(&RULE, (edge.to, edge.step), error.error.range, error.error.message.clone())
            .help(help)
            .label(used.name_range.unwrap_or(used.base_range), "this is the stage");
    }
}

/// The references to stages further down.
fn forward<'f>(file: &File<'f>) -> impl Iterator<Item = &'f Edge> + use<'f> {
    let is_forward = |edge: &&Edge| matches!(edge.from, Node::Stage(from) if from > edge.to);
    file.graph.edges.iter().filter(|edge| edge.broken).filter(is_forward)
}

fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let edge = forward(file)
        .take(MAX_ASKED)
        .find(|edge| Some(edge.to) == finding.stage && edge.range == finding.range);
    let Some(Edge { from: Node::Stage(from), to, .. }) = edge else { return Vec::new() };
    refactor::move_above(file, *from, *to).into_iter().collect()
}
