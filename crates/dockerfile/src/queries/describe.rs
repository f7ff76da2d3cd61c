//! The graph in sentences: what stands at the end of each line of the picture, for those who read it.

use crate::stages::{Edge, EdgeKind, Node, Source, StageGraph, StageId};

/// How many paths a sentence tells.
const MAX_PATHS: usize = 4;

/// A reference as a sentence: who takes what from where, and in which line.
///
/// Empty if there is no such edge ([`StageGraph::edges`]).
pub fn edge_sentence(graph: &StageGraph, edge: usize) -> String {
    let words = edge_words(graph, edge, |stage| graph.stages[stage.0].display_name());
    let Some(edge) = graph.edges.get(edge) else { return words };
    let line = graph.stages[edge.to.0].steps.get(edge.step).map_or(0, |step| step.lines.first);
    let through = if edge.trigger { ", through ONBUILD of its base" } else { "" };
    let refused = if edge.broken { " BuildKit refuses it." } else { "" };
    // What was supplied to a piece of a Dockerfile stands in no line.
    let place = if line == 0 { "not in the text".to_owned() } else { format!("line {line}") };
    format!("{words} ({place}{through}).{refused}")
}

/// The same without the line, and with other names for the stages: who takes what from where.
pub(super) fn edge_words(graph: &StageGraph, edge: usize, name: impl Fn(StageId) -> String) -> String {
    let Some(edge) = graph.edges.get(edge) else { return String::new() };
    let from = match edge.from {
        Node::Stage(id) if id == edge.to => "itself".to_owned(),
        Node::Stage(id) => format!("stage {}", name(id)),
        Node::Source(id) => source_words(&graph.sources[id.0]),
    };
    let what = match edge.kind {
        EdgeKind::Base => format!("starts from {from}"),
        EdgeKind::Copy if !edge.carries => format!("names {from}, but takes no files from it"),
        EdgeKind::Copy => match edge.from {
            Node::Source(id) if matches!(graph.sources[id.0], Source::Remote(_)) => format!("adds {from}"),
            Node::Source(id) if graph.sources[id.0] == Source::Context => {
                format!("copies {} from {from}", paths(edge, true))
            }
            Node::Stage(_) | Node::Source(_) => format!("copies {} from {from}", paths(edge, false)),
        },
        EdgeKind::Mount if !edge.carries => format!("names {from} in a mount that takes no files from it"),
        EdgeKind::Mount => match edge.paths.as_slice() {
            [path] if path != "/" && !path.is_empty() => {
                format!("sees {path} of {from} while the command runs")
            }
            _ => format!("sees the files of {from} while the command runs"),
        },
    };
    format!("{} {what}", name(edge.to))
}

/// What a source is, as part of a sentence.
pub fn source_words(source: &Source) -> String {
    match source {
        Source::Image { familiar, .. } => format!("image {familiar}"),
        Source::Scratch => "scratch, which is empty".to_owned(),
        Source::Context => "the build context".to_owned(),
        Source::NamedContext { name, value, .. } => format!("the named context {name} ({value})"),
        Source::Remote(url) => url.clone(),
        Source::Invalid(text) => format!("'{text}', which is no valid image reference"),
    }
}

/// The paths of an edge; those of the build context are relative to its root.
pub(crate) fn paths(edge: &Edge, is_context: bool) -> String {
    let shown = |path: &String| {
        let bare = path.trim_start_matches('/');
        match path.as_str() {
            "." | "./" | "/" => "everything".to_owned(),
            _ if is_context && !bare.is_empty() => bare.to_owned(),
            path => path.to_owned(),
        }
    };
    let told: Vec<String> = edge.paths.iter().take(MAX_PATHS).map(shown).collect();
    match (edge.paths.len() - told.len(), told.as_slice()) {
        (_, []) => "files".to_owned(),
        (0, [only]) => only.clone(),
        (0, [start @ .., end]) => format!("{} and {end}", start.join(", ")),
        (1, told) => format!("{} and 1 more path", told.join(", ")),
        (more, told) => format!("{} and {more} more paths", told.join(", ")),
    }
}
