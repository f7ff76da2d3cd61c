//! The stages: which run for the target, what they run, and why the others do not.

use std::fmt::Write;

use dockerfile::queries::{Cut, StageCut};
use dockerfile::stages::{EdgeKind, Node, Source, Stage, StageGraph};

use super::{Style, clean, count, heading, shorten};
use crate::analysis::Analysis;

/// Characters of an instruction that are shown.
const WIDTH: usize = 88;

/// All stages in file order.
pub(super) fn write(out: &mut String, analysis: &Analysis<'_>, cut: &Cut, style: &Style) {
    let graph = &analysis.graph;
    heading(out, "Stages", style);
    for (stage, it) in graph.stages.iter().zip(&cut.stages) {
        header(out, graph, stage, it, style);
        writeln!(out, "      {}", shorten(&clean(&it.sentence), 300)).ok();
        if it.needed && !stage.replaced {
            steps(out, graph, stage, cut, style);
        }
    }
}

fn header(out: &mut String, graph: &StageGraph, stage: &Stage, cut: &StageCut, style: &Style) {
    let (mark, word) = match (cut.needed, cut.runs) {
        (true, true) => (style.good("●"), style.good("runs")),
        (true, false) => (style.good("◐"), style.good("needed, runs nothing")),
        (false, _) => (style.dim("○"), style.dim("skipped")),
    };
    let name = style.strong(&clean(&stage.display_name()));
    let base = clean(&base(graph, stage));
    let platform = stage.platform.as_ref().map(|it| format!(" for {}", clean(it))).unwrap_or_default();
    let lines = match (stage.lines.first, stage.lines.last) {
        (first, last) if first == last => format!("line {first}"),
        (first, last) => format!("lines {first}–{last}"),
    };
    writeln!(out, "  {mark} {name} from {base}{platform}, {lines}: {word}").ok();
    if let Some(description) = &stage.description {
        writeln!(out, "      “{}”", clean(description)).ok();
    }
}

/// What a stage starts from, in the words people use.
fn base(graph: &StageGraph, stage: &Stage) -> String {
    let edge = graph.edges.iter().find(|edge| edge.to == stage.id && edge.kind == EdgeKind::Base);
    let Some(edge) = edge else { return stage.base_text.clone() };
    match edge.from {
        Node::Stage(id) => format!("stage {}", graph.stages[id.0].display_name()),
        Node::Source(id) => match &graph.sources[id.0] {
            Source::Image { familiar, .. } => familiar.clone(),
            Source::Scratch => "scratch".to_owned(),
            Source::NamedContext { name, value, .. } => format!("named context {name} ({value})"),
            Source::Invalid(_) | Source::Context | Source::Remote(_) => stage.base_text.clone(),
        },
    }
}

/// The instructions that execute; the others are counted, since they only set something.
fn steps(out: &mut String, graph: &StageGraph, stage: &Stage, cut: &Cut, style: &Style) {
    let width = stage.lines.last.to_string().len();
    for (row, step) in stage.steps.iter().enumerate() {
        if row > 0 && cut.executes(graph, stage.id, row) {
            let number = style.dim(&format!("{:>width$}", step.lines.first));
            let summary = shorten(&clean(&step.summary), WIDTH);
            writeln!(out, "      {number}  {} {summary}", step.keyword).ok();
        } else if row == 0 {
            for trigger in &stage.triggers {
                let from = clean(&graph.stages[trigger.stage.0].display_name());
                let line =
                    graph.stages[trigger.stage.0].steps.get(trigger.step).map_or(0, |it| it.lines.first);
                let number = style.dim(&format!("{:>width$}", step.lines.first));
                writeln!(out, "      {number}  ONBUILD of {from}, line {line}").ok();
            }
        }
    }
    let n_quiet = (1..stage.steps.len()).filter(|&row| !cut.executes(graph, stage.id, row)).count();
    if n_quiet > 0 {
        let sentence = format!("and {} that only the configuration sees", count(n_quiet, "instruction"));
        writeln!(out, "      {}", style.dim(&sentence)).ok();
    }
}
