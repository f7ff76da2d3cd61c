//! Who takes what from a build context: COPY, ADD, mounts, and FROM where a named context is a base.
//!
//! Surprising: a build of a target asks for what its needed stages name, whether or not their files get anywhere.

use super::Selection;
use crate::queries::Cut;
use crate::queries::ledger::At;
use crate::stages::{Edge, EdgeKind, Effect, Node, SourceId, Stage, StageGraph, join_path};
use crate::text::{LineSpan, TextRange};

/// An instruction that takes from a build context.
#[derive(Clone, Debug)]
pub struct Taker {
    /// Where it is.
    pub at: At,
    /// FROM, COPY and ADD, or a mount.
    pub kind: EdgeKind,
    /// Where that is written: the sources, the mount, the base.
    pub range: TextRange,
    /// The lines of the instruction.
    pub lines: LineSpan,
    /// Each of its sources.
    pub selections: Vec<Selection>,
}

/// What the stages that the target needs take from a source, in file order. What BuildKit refuses anyway is left out.
pub fn takers(graph: &StageGraph, cut: &Cut, source: SourceId) -> Vec<Taker> {
    let edges = graph.edges.iter().filter(|edge| edge.from == Node::Source(source) && edge.carries);
    let edges = edges.filter(|edge| !edge.broken && cut.needs(edge.to));
    let mut takers: Vec<Taker> = Vec::new();
    for edge in edges {
        let Some(stage) = graph.stages.get(edge.to.0).filter(|stage| !stage.replaced) else { continue };
        if let Some((trigger, selections)) = selections(stage, edge, &takers) {
            let at = At { stage: edge.to, step: edge.step, trigger };
            let lines = stage.steps.get(edge.step).map_or(LineSpan::default(), |step| step.lines);
            takers.push(Taker { at, kind: edge.kind, range: edge.range, lines, selections });
        }
    }
    takers
}

/// What is taken along a reference; for a trigger its index comes along.
fn selections(stage: &Stage, edge: &Edge, before: &[Taker]) -> Option<(Option<usize>, Vec<Selection>)> {
    if edge.kind == EdgeKind::Base {
        return Some((None, vec![Selection::whole()]));
    }
    // Triggers are all in one row; those that were found already are not it.
    let last = before.last().filter(|it| it.at.stage == stage.id && it.kind == EdgeKind::Copy);
    let known = last.and_then(|it| it.at.trigger);
    let is_later = |trigger: Option<usize>| known.is_none_or(|known| trigger > Some(known));
    let first = stage.commands.partition_point(|command| command.step < edge.step);
    let of_row = stage.commands[first..].iter().take_while(|command| command.step == edge.step);
    let mut commands = of_row.filter(|it| it.trigger.is_some() == edge.trigger && is_later(it.trigger));
    commands.find_map(|command| {
        let selections = match (&command.effect, edge.kind) {
            (Effect::Copy(copied), EdgeKind::Copy) => {
                let selections = Selection::of_copy(copied);
                let paths = selections.iter().map(|it| join_path(&["/", &it.source]));
                paths.eq(edge.paths.iter().cloned()).then_some(selections)
            }
            (Effect::Run(ran), EdgeKind::Mount) => {
                let is_it = |path: &str| edge.paths.first().is_some_and(|it| it == path);
                let mounts = ran.mounts.iter().filter(|it| is_it(&join_path(&["/", &it.source])));
                Some(mounts.filter_map(Selection::of_mount).take(1).collect::<Vec<_>>())
            }
            _ => None,
        };
        Some((command.trigger, selections.filter(|it| !it.is_empty())?))
    })
}
