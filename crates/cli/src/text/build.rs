//! What a build takes in and what comes out: arguments, build context, images, the final image.

use std::fmt::Write;

use dockerfile::queries::{Context, Cut, SourceUse};
use dockerfile::stages::{Content, EdgeKind, Node, Source, Stage, StageGraph, StageId, args};
use dockerfile::syntax::InstructionKind;

use super::{Style, clean, heading, shorten};
use crate::analysis::Analysis;

/// Characters of a value that are shown.
const WIDTH: usize = 80;

pub(super) fn write(out: &mut String, analysis: &Analysis<'_>, cut: &Cut, style: &Style) {
    arguments(out, analysis, cut, style);
    heading(out, "Read from the build context", style);
    match &cut.context {
        None => line(out, "nothing"),
        Some(Context::Everything) => line(out, "everything"),
        Some(Context::Paths(paths)) => paths.iter().for_each(|path| line(out, path)),
    }
    contexts(out, analysis, cut, style);
    let fetched = fetched(&analysis.graph, cut);
    if !fetched.is_empty() {
        heading(out, "Fetched", style);
        fetched.iter().for_each(|text| line(out, text));
    }
    // No image comes out of a build that fails.
    if analysis.errors.is_empty() {
        image(out, &analysis.graph, cut, style);
    }
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "  {}", clean(text)).ok();
}

/// The ARGs above the first FROM and those of needed stages.
fn arguments(out: &mut String, analysis: &Analysis<'_>, cut: &Cut, style: &Style) {
    let graph = &analysis.graph;
    let global = graph.preamble.iter().map(|step| (None, step));
    let needed = graph.stages.iter().filter(|stage| cut.needs(stage.id));
    let in_stages = needed.flat_map(|stage| stage.steps.iter().map(move |step| (Some(stage), step)));
    let mut rows: Vec<(String, String)> = Vec::new();
    for (stage, step) in global.chain(in_stages) {
        if step.kind != InstructionKind::Arg {
            continue;
        }
        for word in &analysis.parse.instructions[step.instruction].args {
            let (name, declaration) = match args::split_declaration(&word.text) {
                (name, Some(value)) => (name, format!("{name}={value}")),
                (name, None) => (name, name.to_owned()),
            };
            let given = analysis.build_args.iter().rev().find(|(known, _)| known == name);
            let declaration = match given {
                Some((_, value)) => format!("{declaration}, given {value}"),
                None => declaration,
            };
            let place = match stage {
                Some(stage) => format!("line {}, {}", step.lines.first, stage.display_name()),
                None => format!("line {}, for FROM", step.lines.first),
            };
            rows.push((shorten(&clean(&declaration), WIDTH), clean(&place)));
        }
    }
    if rows.is_empty() {
        return;
    }
    heading(out, "Arguments", style);
    let width = rows.iter().map(|(declaration, _)| declaration.chars().count()).max().unwrap_or(0).min(40);
    for (declaration, place) in rows {
        writeln!(out, "  {declaration:width$}  {}", style.dim(&place)).ok();
    }
}

/// The named contexts that were given, and what becomes of them.
fn contexts(out: &mut String, analysis: &Analysis<'_>, cut: &Cut, style: &Style) {
    if analysis.contexts.is_empty() {
        return;
    }
    heading(out, "Named contexts", style);
    for (given, value) in analysis.contexts {
        let sources = analysis.graph.sources.iter().zip(&cut.sources);
        let usage = sources.filter_map(|(source, usage)| match source {
            Source::NamedContext { name, .. } => (name == given).then_some(*usage),
            Source::Image { .. }
            | Source::Scratch
            | Source::Context
            | Source::Remote(_)
            | Source::Invalid(_) => None,
        });
        let what = match usage.max() {
            None => "nothing in the file asks for it",
            Some(SourceUse::Unused) => "not needed for the target",
            Some(SourceUse::LookedUp | SourceUse::Used) => "used",
        };
        let given = shorten(&clean(&format!("{given} = {value}")), WIDTH);
        writeln!(out, "  {given}  {}", style.dim(what)).ok();
    }
}

fn fetched(graph: &StageGraph, cut: &Cut) -> Vec<String> {
    let used = graph.sources.iter().zip(&cut.sources);
    let texts = used.filter_map(|(source, usage)| match (source, usage) {
        (_, SourceUse::Unused) => None,
        (Source::Image { familiar, .. }, SourceUse::Used) => Some(familiar.clone()),
        (Source::Image { familiar, .. }, SourceUse::LookedUp) => {
            Some(format!("{familiar} (its settings only)"))
        }
        (Source::Remote(address), _) => Some(address.clone()),
        (Source::NamedContext { content: Content::Directory | Content::Empty, .. }, _) => None,
        (Source::NamedContext { content: Content::Image { familiar, .. }, .. }, SourceUse::LookedUp) => {
            Some(format!("{familiar} (its settings only)"))
        }
        (Source::NamedContext { content: Content::Image { familiar, .. }, .. }, SourceUse::Used) => {
            Some(familiar.clone())
        }
        (
            Source::NamedContext { value, content: Content::Git | Content::Url | Content::Layout, .. },
            SourceUse::Used,
        ) => Some(value.clone()),
        (
            Source::NamedContext { content: Content::Git | Content::Url | Content::Layout, .. },
            SourceUse::LookedUp,
        ) => None,
        (Source::Scratch | Source::Context | Source::Invalid(_), _) => None,
    });
    texts.collect()
}

/// The settings of the final image, as they are written in the file.
fn image(out: &mut String, graph: &StageGraph, cut: &Cut, style: &Style) {
    let lineage = lineage(graph, cut.target);
    let origin = match lineage.last().and_then(|stage| base_image(graph, stage)) {
        Some(image) => format!("what {image} sets, and"),
        None => "nothing but".to_owned(),
    };
    heading(out, "Final image", style);
    let mut rows = Vec::new();
    let mut entrypoint_depth = None;
    for kind in [
        InstructionKind::Entrypoint,
        InstructionKind::Cmd,
        InstructionKind::Workdir,
        InstructionKind::User,
        InstructionKind::Stopsignal,
        InstructionKind::Healthcheck,
    ] {
        let found = lineage
            .iter()
            .enumerate()
            .find_map(|(depth, stage)| Some((depth, stage.steps.iter().rfind(|step| step.kind == kind)?)));
        let Some((depth, step)) = found else { continue };
        if kind == InstructionKind::Entrypoint {
            entrypoint_depth = Some(depth);
        }
        // BuildKit: an ENTRYPOINT takes away the CMD of the base.
        if kind == InstructionKind::Cmd && entrypoint_depth.is_some_and(|at| at < depth) {
            continue;
        }
        rows.push(step);
    }
    for kind in
        [InstructionKind::Env, InstructionKind::Expose, InstructionKind::Volume, InstructionKind::Label]
    {
        let stages = lineage.iter().rev();
        rows.extend(stages.flat_map(|stage| stage.steps.iter().filter(|step| step.kind == kind)));
    }
    if rows.is_empty() {
        return line(out, origin.trim_end_matches(", and").trim_end_matches(" but"));
    }
    line(out, &origin);
    for step in rows {
        let number = style.dim(&format!("line {}", step.lines.first));
        writeln!(out, "  {:11} {}  {number}", step.keyword, shorten(&clean(&step.summary), WIDTH)).ok();
    }
}

/// A stage and the stages that it is built on, nearest first.
fn lineage(graph: &StageGraph, target: StageId) -> Vec<&Stage> {
    let mut lineage = Vec::new();
    let mut next = graph.stages.get(target.0);
    while let Some(stage) = next {
        lineage.push(stage);
        next = match base(graph, stage) {
            // A base comes before its stage, so this ends.
            Some(Node::Stage(id)) if id < stage.id => graph.stages.get(id.0),
            Some(_) | None => None,
        };
    }
    lineage
}

fn base(graph: &StageGraph, stage: &Stage) -> Option<Node> {
    graph.edges.iter().find(|edge| edge.to == stage.id && edge.kind == EdgeKind::Base).map(|edge| edge.from)
}

fn base_image<'g>(graph: &'g StageGraph, stage: &Stage) -> Option<&'g str> {
    match base(graph, stage)? {
        Node::Stage(_) => None,
        Node::Source(id) => match &graph.sources[id.0] {
            Source::Image { familiar, .. } => Some(familiar),
            Source::NamedContext { name, .. } => Some(name),
            Source::Scratch | Source::Context | Source::Remote(_) | Source::Invalid(_) => None,
        },
    }
}
