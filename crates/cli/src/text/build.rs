//! What a build takes in and what comes out: arguments, build context, images, the final image.

use std::fmt::Write;

use dockerfile::queries::{Context, Cut, SourceUse};
use dockerfile::stages::{Content, Source, StageGraph, args};
use dockerfile::syntax::InstructionKind;

use super::{Style, clean, heading, image, ledger, shorten};
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
        image::write(out, &analysis.graph, cut.target, style);
        ledger::write(out, &analysis.graph, cut, style);
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
            let given = analysis.options.build_args.iter().rev().find(|(known, _)| known == name);
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
    if analysis.options.contexts.is_empty() {
        return;
    }
    heading(out, "Named contexts", style);
    for (given, value) in &analysis.options.contexts {
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
        (
            Source::Image { familiar, .. }
            | Source::NamedContext { content: Content::Image { familiar, .. }, .. },
            usage,
        ) => Some(match usage {
            SourceUse::LookedUp => format!("{familiar} (its settings only)"),
            SourceUse::Used | SourceUse::Unused => familiar.clone(),
        }),
        (Source::Remote(address), _) => Some(address.clone()),
        (Source::NamedContext { content: Content::Directory | Content::Empty, .. }, _) => None,
        (
            Source::NamedContext { value, content: Content::Git | Content::Url | Content::Layout, .. },
            usage,
        ) => (*usage == SourceUse::Used).then(|| value.clone()),
        (Source::Scratch | Source::Context | Source::Invalid(_), _) => None,
    });
    texts.collect()
}
