//! How the lines of a picture differ, and what that means.

use crate::stages::{Edge, EdgeKind, Node, Source, StageGraph};

/// What a line shows. Whatever comes from the build context looks alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineKind {
    /// FROM.
    Base,
    /// COPY or ADD.
    Copy,
    /// RUN --mount.
    Mount,
    /// Anything that takes from the build context.
    Context,
}

impl LineKind {
    /// What the line of an edge shows.
    pub fn of(graph: &StageGraph, edge: &Edge) -> LineKind {
        match (edge.from, edge.kind) {
            (Node::Source(id), _) if graph.sources.get(id.0) == Some(&Source::Context) => LineKind::Context,
            (_, EdgeKind::Base) => LineKind::Base,
            (_, EdgeKind::Copy) => LineKind::Copy,
            (_, EdgeKind::Mount) => LineKind::Mount,
        }
    }

    /// Its class in the style sheets of the page and of the exported picture.
    pub fn class(self) -> &'static str {
        match self {
            LineKind::Base => "base",
            LineKind::Copy => "copy",
            LineKind::Mount => "mount",
            LineKind::Context => "context",
        }
    }

    /// What it means, for a legend.
    pub fn meaning(self) -> &'static str {
        match self {
            LineKind::Base => "FROM: starts from it",
            LineKind::Copy => "COPY: takes files",
            LineKind::Mount => "RUN --mount: sees files",
            LineKind::Context => "from your files",
        }
    }
}

/// The kinds of line that a graph has, each once.
pub fn line_kinds(graph: &StageGraph) -> Vec<LineKind> {
    let mut kinds: Vec<LineKind> = graph.edges.iter().map(|edge| LineKind::of(graph, edge)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}
