//! The facts of targets: what building them does.

use dockerfile::queries::{self, BuildStep, Cut, Plan, SourceUse, StageCut};
use dockerfile::stages::git_ref::{SourceForm, source_form};
use dockerfile::stages::{Content, EdgeKind, Node, Source, StageGraph};
use protocol::facts::{Context, Error, Target, Targets, Vertex};

use super::image::image as final_image;
use super::target_error;
use crate::analysis::Analysis;

/// What is the same for all targets of a file.
struct Shared<'a> {
    analysis: &'a Analysis<'a>,
    graph: &'a StageGraph,
    /// Whether the base of each stage is an image or a named context.
    has_source: Vec<bool>,
    /// The steps of all stages.
    plan: Plan<'a>,
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
    let plan = Plan::of(analysis.text, &analysis.parse, graph);
    let shared = Shared { analysis, graph, has_source, plan };
    let asked = match &analysis.cut {
        Ok(cut) => {
            let asked = target(&shared, cut);
            match asked.error {
                Some(_) => asked,
                None => Target {
                    preparations: Some(queries::preparations(graph, cut, "Dockerfile")),
                    vertices: Some(shared.plan.steps(cut).into_iter().map(vertex).collect()),
                    image: final_image(graph, cut.target),
                    ..asked
                },
            }
        }
        Err(_) => refused(analysis.first_error().map(target_error)),
    };
    let warnings = analysis.checked_by_build().findings;
    let shown = warnings.iter().filter(|finding| !finding.hidden);
    let asked = Target {
        build_warnings: Some(shown.map(|it| (it.rule.name.to_owned(), it.lines.first)).collect()),
        ..asked
    };
    let by_index =
        graph.stages.iter().map(|stage| match queries::cut(graph, &queries::Target::Stage(stage.id)) {
            Ok(cut) => target(&shared, &cut),
            Err(error) => {
                refused(Some(Error { message: error.message, suggest: error.suggestion, ..Error::default() }))
            }
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
    let Analysis { parse, invalid, options, .. } = shared.analysis;
    if let Some(error) = queries::first_error(parse, graph, options, Ok(cut), invalid) {
        return Target { index: Some(cut.target.0), ..refused(Some(target_error(&error))) };
    }
    let contributes = |stage: &StageCut| stage.runs || stage.used && shared.has_source[stage.stage.0];
    let contexts = sources(graph, cut, SourceUse::LookedUp, |source| match source {
        Source::NamedContext { name, .. } => Some(name.clone()),
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
        ops: Some(shared.plan.n_operations(cut.target)),
        images: Some(sources(graph, cut, SourceUse::Used, image_reference)),
        metadata_images: Some(sources(graph, cut, SourceUse::LookedUp, image_reference)),
        other_sources: Some(sources(graph, cut, SourceUse::Used, remote)),
        named_contexts: Some(contexts).filter(|names| !names.is_empty()),
        context: Some(context(cut)),
        preparations: None,
        vertices: None,
        image: None,
        build_warnings: None,
    }
}

fn vertex(step: BuildStep) -> Vertex {
    Vertex { name: step.name, lines: step.lines, group: step.group }
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

fn image_reference(source: &Source) -> Option<String> {
    source.image().map(str::to_owned)
}

/// Where something is fetched from, as BuildKit puts it.
fn remote(source: &Source) -> Option<String> {
    match source {
        Source::Remote(address) => Some(match source_form(address) {
            SourceForm::Git(git) => git.identifier(),
            SourceForm::Http | SourceForm::Local | SourceForm::BadGit(_) => address.clone(),
        }),
        Source::Image { .. }
        | Source::Scratch
        | Source::Context
        | Source::NamedContext { .. }
        | Source::Invalid(_) => None,
    }
}

/// The texts of the sources that are used at least so much, sorted, each once.
fn sources(
    graph: &StageGraph,
    cut: &Cut,
    at_least: SourceUse,
    text: impl Fn(&Source) -> Option<String>,
) -> Vec<String> {
    let used = graph.sources.iter().zip(&cut.sources).filter(|(_, usage)| **usage >= at_least);
    let mut texts: Vec<String> = used.filter_map(|(source, _)| text(source)).collect();
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
