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

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    let is_met = |id: StageId| file.cut.is_some_and(|cut| cut.needs(id));
    let errors = file.graph.stage_errors.iter().filter(|it| it.error.help.as_deref() == Some(FORWARD_HELP));
    let mut errors = errors.filter(|it| is_met(it.stage)).peekable();
    if errors.peek().is_none() {
        return;
    }
    let edges: HashMap<(StageId, TextRange), &Edge> =
        forward(file).map(|edge| ((edge.to, edge.range), edge)).collect();
    for error in errors {
        let Some(edge) = edges.get(&(error.stage, error.error.range)) else { continue };
        let Node::Stage(from) = edge.from else { continue };
        let (used, user) = (&file.graph.stages[from.0], &file.graph.stages[edge.to.0]);
        let help = format!("Move '{}' above '{}'", used.display_name(), user.display_name());
        acc.add(&RULE, (edge.to, edge.step), error.error.range, error.error.message.clone())
            .help(format!("{help}: stages are built from top to bottom"))
            .label(used.name_range.unwrap_or(used.base_range), "this is the stage");
    }
}

/// The references to stages further down.
fn forward<'f>(file: &File<'f>) -> impl Iterator<Item = &'f Edge> + use<'f> {
    let is_forward = |edge: &&Edge| matches!(edge.from, Node::Stage(from) if from > edge.to);
    file.graph.edges.iter().filter(|edge| edge.broken).filter(is_forward)
}

fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let edge = forward(file).find(|edge| Some(edge.to) == finding.stage && edge.range == finding.range);
    let Some(Edge { from: Node::Stage(from), to, .. }) = edge else { return Vec::new() };
    refactor::move_above(file, *from, *to).into_iter().collect()
}
