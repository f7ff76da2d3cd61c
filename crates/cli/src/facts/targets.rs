//! The facts of targets: what building them does.

use dockerfile::queries::{self, Cut, SourceUse, StageCut};
use dockerfile::stages::{Content, EdgeKind, Node, Source, StageGraph};
use protocol::facts::{Context, Error, Target, Targets};

use super::image::image as final_image;
use crate::analysis::Analysis;

/// What is the same for all targets of a file.
struct Shared<'a> {
    analysis: &'a Analysis<'a>,
    graph: &'a StageGraph,
    /// Whether the base of each stage is an image or a named context.
    has_source: Vec<bool>,
}

/// The target asked for, and every stage as a target.
pub(super) fn targets(analysis: &Analysis<'_>) -> Targets {
    let graph = &analysis.graph;
    let mut has_source = vec![false; graph.stages.len()];
    for edge in graph.edges.iter().filter(|edge| edge.kind == EdgeKind::Base) {
        has_source[edge.to.0] |= match edge.from {
            Node::Source(id) => comes_from_afar(&graph.sources[id.0]),
            Node::Stage(_) => false,
        };
    }
    let shared = Shared { analysis, graph, has_source };
    let asked = match &analysis.cut {
        Ok(cut) => {
            let asked = target(&shared, cut);
            let image = final_image(graph, cut.target).filter(|_| asked.error.is_none());
            Target { image, ..asked }
        }
        Err(_) => refused(
            analysis.first_error().map(|error| Error { line: error.line, message: error.message.clone() }),
        ),
    };
    let by_index =
        graph.stages.iter().map(|stage| match queries::cut(graph, &queries::Target::Stage(stage.id)) {
            Ok(cut) => target(&shared, &cut),
            Err(error) => refused(Some(Error { line: None, message: error.message })),
        });
    Targets { default: asked, by_index: by_index.collect() }
}

/// Whether starting from it is an operation of its own.
fn comes_from_afar(base: &Source) -> bool {
    match base {
        Source::NamedContext { content, .. } => *content != Content::Empty,
        Source::Image { .. } => true,
        Source::Scratch | Source::Context | Source::Remote(_) | Source::Invalid(_) => false,
    }
}

fn refused(error: Option<Error>) -> Target {
    Target { error, ..Target::default() }
}

fn target(shared: &Shared<'_>, cut: &Cut) -> Target {
    let graph = shared.graph;
    let error = shared.analysis.parse.first_error().or(cut.errors.first()).cloned();
    let error = error.or_else(|| shared.analysis.marshal_error(cut));
    if let Some(error) = error {
        let error = Error { line: error.line, message: error.message };
        return Target { index: Some(cut.target.0), ..refused(Some(error)) };
    }
    let contributes = |stage: &StageCut| stage.runs || stage.used && shared.has_source[stage.stage.0];
    let remotes = sources(graph, cut, SourceUse::Used, |source| match source {
        Source::Remote(address) => Some(address.as_str()),
        Source::Image { .. }
        | Source::Scratch
        | Source::Context
        | Source::NamedContext { .. }
        | Source::Invalid(_) => None,
    });
    let contexts = sources(graph, cut, SourceUse::LookedUp, |source| match source {
        Source::NamedContext { name, .. } => Some(name.as_str()),
        Source::Image { .. } | Source::Scratch | Source::Context | Source::Remote(_) | Source::Invalid(_) => {
            None
        }
    });
    Target {
        index: Some(cut.target.0),
        error: None,
        needed_stages: Some(indexes(cut, |stage| stage.needed)),
        llb_stages: Some(indexes(cut, contributes)),
        executed: Some(executed(graph, cut)),
        ops: None,
        images: Some(sources(graph, cut, SourceUse::Used, Source::image)),
        metadata_images: Some(sources(graph, cut, SourceUse::LookedUp, Source::image)),
        other_sources: Some(remotes),
        named_contexts: Some(contexts).filter(|names| !names.is_empty()),
        context: Some(context(cut)),
        vertices: None,
        image: None,
    }
}

fn indexes(cut: &Cut, keep: impl Fn(&StageCut) -> bool) -> Vec<usize> {
    cut.stages.iter().filter(|stage| keep(stage)).map(|stage| stage.stage.0).collect()
}

fn executed(graph: &StageGraph, cut: &Cut) -> Vec<(usize, u32)> {
    let mut rows = Vec::new();
    for stage in &graph.stages {
        for (row, step) in stage.steps.iter().enumerate() {
            if cut.executes(graph, stage.id, row) {
                rows.push((stage.id.0, step.lines.first));
            }
        }
    }
    rows
}

/// The texts of the sources that are used at least so much, sorted, each once.
fn sources(
    graph: &StageGraph,
    cut: &Cut,
    at_least: SourceUse,
    text: impl Fn(&Source) -> Option<&str>,
) -> Vec<String> {
    let used = graph.sources.iter().zip(&cut.sources).filter(|(_, usage)| **usage >= at_least);
    let mut texts: Vec<String> = used.filter_map(|(source, _)| text(source).map(str::to_owned)).collect();
    texts.sort_unstable();
    texts.dedup();
    texts
}

fn context(cut: &Cut) -> Context {
    let paths = match &cut.context {
        Some(queries::Context::Paths(paths)) => Some(paths.clone()),
        Some(queries::Context::Everything) | None => None,
    };
    Context { needed: cut.context.is_some(), paths }
}
