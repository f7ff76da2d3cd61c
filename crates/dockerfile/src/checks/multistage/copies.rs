//! COPY from one stage to another.

use crate::checks::File;
use crate::stages::{Copied, Edge, EdgeKind, Effect, Node, Source, SourceId, Stage, StageId};
use crate::text::TextRange;

/// A COPY of a stage that takes from another one.
#[derive(Clone, Copy)]
pub(super) struct Copying<'f> {
    pub(super) stage: &'f Stage,
    pub(super) step: usize,
    pub(super) from: &'f Stage,
    pub(super) copied: &'f Copied,
    pub(super) edge: &'f Edge,
}

/// Those of a stage, in order.
pub(super) fn copies<'f>(file: &File<'f>, stage: &'f Stage) -> impl Iterator<Item = Copying<'f>> + use<'f> {
    let graph = file.graph;
    copied(file, stage).filter_map(move |(step, copied)| {
        let mut edges = graph.edges_at(stage.id, step).iter();
        let edge = edges.find(|edge| edge.kind == EdgeKind::Copy && !edge.broken && !edge.trigger)?;
        let Node::Stage(from) = edge.from else { return None };
        Some(Copying { stage, step, from: graph.stages.get(from.0)?, copied, edge })
    })
}

/// What the COPY and ADD of a stage take, whatever from, with their rows.
pub(super) fn copied<'f>(
    file: &File<'f>,
    stage: &'f Stage,
) -> impl Iterator<Item = (usize, &'f Copied)> + use<'f> {
    file.effects(stage).filter_map(|(step, effect)| {
        let Effect::Copy(copied) = effect else { return None };
        Some((step, copied))
    })
}

impl Copying<'_> {
    /// The row it stands in.
    pub(super) fn row(&self) -> (StageId, usize) {
        (self.stage.id, self.step)
    }

    /// Where a source is written; all of them if it is not there as such.
    pub(super) fn source_range(&self, file: &File<'_>, source: &str) -> TextRange {
        let args = file.instruction(self.stage.id, self.step).map_or(&[][..], |it| &it.args[..]);
        let sources = &args[..args.len().saturating_sub(1)];
        let is_it =
            |text: &str| trimmed(text).trim_start_matches('/') == trimmed(source).trim_start_matches('/');
        let found = sources.iter().find(|word| is_it(&word.text));
        found.map_or(self.edge.range, |word| word.range)
    }
}

/// Whether a row copies from the build context.
pub(super) fn from_context(file: &File<'_>, (stage, step): (StageId, usize)) -> bool {
    let graph = file.graph;
    let is_context = |id: &SourceId| graph.sources.get(id.0) == Some(&Source::Context);
    let mut edges = graph.edges_at(stage, step).iter();
    edges.any(|edge| matches!(&edge.from, Node::Source(id) if is_context(id)))
}

/// A path without the slash at its end.
pub(super) fn trimmed(path: &str) -> &str {
    match path.trim_end_matches('/') {
        "" => "/",
        path => path,
    }
}

/// Whether a path is below another, or the same.
pub(super) fn is_in(above: &str, path: &str) -> bool {
    let (above, path) = (trimmed(above), trimmed(path));
    above == "/" || path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
