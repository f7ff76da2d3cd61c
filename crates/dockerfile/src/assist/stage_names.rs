//! The names of stages that can be referred to from a place.
//!
//! Follows `dockerfile2llb`. Surprising: FROM sees the stages above it, the last of equal names; COPY and mounts see all
//! stages of the file, of equal names the last one, so a name that a later stage takes over is lost to them; and a stage
//! that takes files from the one at hand, in vain, cannot be taken from, for that would be a circle.

use std::collections::{HashMap, HashSet};

use super::Document;
use super::place::Row;
use crate::queries;
use crate::refactor;
use crate::stages::{EdgeKind, Node, Stage, StageGraph, StageId};
use crate::text::TextRange;

/// The stages that a reference of this kind may name, the last ones first.
pub(super) fn candidates<'d>(doc: &'d Document<'_>, row: Row, kind: EdgeKind) -> Vec<&'d Stage> {
    let (graph, Some(own)) = (doc.graph(), row.stage) else { return Vec::new() };
    let mut seen = HashSet::new();
    // The first of equal names that is met is the one that is meant.
    let met: &mut dyn Iterator<Item = &Stage> = match kind {
        EdgeKind::Base => &mut graph.stages.iter().take(own.0).rev(),
        EdgeKind::Copy | EdgeKind::Mount => &mut graph.stages.iter().rev(),
    };
    let named = met.filter(|stage| stage.name.as_deref().is_some_and(|name| seen.insert(name)));
    let above: Vec<&Stage> = named.filter(|stage| stage.id < own).collect();
    let in_circle = match kind {
        EdgeKind::Base => HashSet::new(),
        EdgeKind::Copy | EdgeKind::Mount => users(graph, own),
    };
    let is_fine =
        |stage: &&Stage| !in_circle.contains(&stage.id) && stage.name.as_deref().is_some_and(is_valid);
    above.into_iter().filter(is_fine).collect()
}

/// The stages that take files from `stage`, directly or not.
fn users(graph: &StageGraph, stage: StageId) -> HashSet<StageId> {
    let mut users = HashSet::new();
    let mut takers: HashMap<StageId, Vec<StageId>> = HashMap::new();
    let taken = graph.edges.iter().filter(|edge| edge.kind != EdgeKind::Base);
    for edge in taken {
        if let Node::Stage(from) = edge.from {
            takers.entry(from).or_default().push(edge.to);
        }
    }
    let mut open = vec![stage];
    while let Some(from) = open.pop() {
        let found = takers.remove(&from).unwrap_or_default().into_iter();
        open.extend(found.filter(|user| users.insert(*user)));
    }
    users
}

/// Whether BuildKit takes the name.
fn is_valid(name: &str) -> bool {
    let is_sign = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || matches!(it, '-' | '_' | '.');
    name.starts_with(|it: char| it.is_ascii_lowercase()) && name.chars().all(is_sign)
}

/// What a stage starts from, in a few words.
pub(super) fn base_words(graph: &StageGraph, stage: &Stage) -> String {
    let edge = graph.edges_at(stage.id, 0).iter().find(|edge| edge.kind == EdgeKind::Base);
    match edge.map(|edge| edge.from) {
        Some(Node::Stage(base)) => format!("stage {}", graph.stages[base.0].display_name()),
        Some(Node::Source(source)) => queries::source_words(&graph.sources[source.0]),
        None => "nothing yet".to_owned(),
    }
}

/// What a reference means.
pub(super) enum Meaning {
    Stage(StageId),
    Source(usize),
}

/// What a reference at a place means; `None` if that cannot be said.
pub(super) fn meaning(
    doc: &Document<'_>,
    row: Row,
    kind: EdgeKind,
    text: &str,
    range: TextRange,
) -> Option<Meaning> {
    let (graph, stage) = (doc.graph(), row.stage?);
    let edges = graph.edges_at(stage, row.step).iter().filter(|edge| !edge.trigger && edge.kind == kind);
    let mut edges = edges.filter(|edge| edge.range.contains_range(range));
    if let Some(edge) = edges.next() {
        return Some(match edge.from {
            Node::Stage(id) => Meaning::Stage(id),
            Node::Source(id) => Meaning::Source(id.0),
        });
    }
    // The instruction is not complete, or waits behind an ONBUILD.
    let number = text.parse().ok().filter(|_| kind == EdgeKind::Copy).filter(|it| *it < graph.stages.len());
    let named = || refactor::means(graph, text, stage).filter(|_| kind != EdgeKind::Base);
    number.map(StageId).or_else(named).map(Meaning::Stage)
}
