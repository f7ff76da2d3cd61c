//! A report in Markdown: what runs and why, what ships, what stays behind, what was found, and how to build it.
//!
//! The graph in it is Mermaid, which the places that show Markdown mostly draw. Everything out of the file is escaped:
//! in a table even code ends at a `|`.

use std::fmt::Write;

use super::mermaid::mermaid;
use super::words::{line as line_of, source, summary, visible};
use super::{Subject, words};
use crate::checks;
use crate::queries::{self, Builder, LightState, ledger::How};
use crate::stages::{Edge, Node, StageGraph};
use crate::text::LineIndex;

/// How much is told of each thing before the rest is counted.
const MAX_ROWS: usize = 200;
const MAX_PATHS: usize = 60;
const MAX_PACKAGES: usize = 12;

/// The report.
pub(super) fn report(subject: &Subject<'_, '_>) -> String {
    let graph = subject.file.graph;
    let mut out = format!("# {}\n\n{}.\n", escape(subject.name), escape(&summary(graph, subject.lights)));
    if let Some(remark) = &subject.lights.remark {
        let _ = write!(out, "\n{}\n", escape(remark));
    }
    command(&mut out, subject);
    if !graph.stages.is_empty() {
        let _ = write!(out, "\n```mermaid\n{}```\n", mermaid(graph, subject.lights));
        stages(&mut out, subject);
    }
    errors(&mut out, subject);
    files(&mut out, subject);
    findings(&mut out, subject);
    out
}

fn command(out: &mut String, subject: &Subject<'_, '_>) {
    let file = subject.file;
    let Some(cut) = file.cut else { return };
    let is_default = cut.target.0 + 1 == file.graph.stages.len();
    let builder = if subject.lights.is_legacy { Builder::Legacy } else { Builder::Docker };
    match queries::command_line(cut, is_default, builder, file.options) {
        Some(command) => {
            let fence = fence(&command);
            let _ = write!(out, "\n{fence}sh\n{}\n{fence}\n", visible(&command));
        }
        None => *out += "\nNo command can ask for this stage.\n",
    }
}

fn stages(out: &mut String, subject: &Subject<'_, '_>) {
    let graph = subject.file.graph;
    *out += "\n## Stages\n\n| Stage | Line | Takes from | In this build | Why |\n|---|---|---|---|---|\n";
    for stage in graph.stages.iter().take(MAX_ROWS) {
        let light = subject.lights.stage(stage.id);
        let line = if stage.lines.first == 0 { String::new() } else { stage.lines.first.to_string() };
        let _ = writeln!(
            out,
            "| {} | {line} | {} | {} | {} |",
            code(&stage.display_name()),
            takes(graph, graph.edges_into(stage.id)),
            match light.state {
                LightState::Unknown => String::new(),
                state => state.badge().to_lowercase(),
            },
            escape(&light.reason)
        );
    }
    more(out, graph.stages.len(), MAX_ROWS, "stage");
}

/// What a stage takes from where, each once.
fn takes(graph: &StageGraph, edges: &[Edge]) -> String {
    let mut told: Vec<String> = Vec::new();
    let mut n_more = 0;
    for edge in edges {
        let from = match edge.from {
            Node::Stage(id) if id == edge.to => continue,
            Node::Stage(id) => code(&graph.stages[id.0].display_name()),
            Node::Source(id) => match source(&graph.sources[id.0]) {
                ("image", name) => code(&name),
                ("build context", _) => "the build context".to_owned(),
                (kind, name) => format!("{kind} {}", code(&name)),
            },
        };
        let from = match line_of(graph, edge) {
            line if line > 0 && edge.step > 0 => format!("{from} (line {line})"),
            _ => from,
        };
        if told.len() >= 8 {
            n_more += 1;
        } else if !told.contains(&from) {
            told.push(from);
        }
    }
    if n_more > 0 {
        told.push(format!("{n_more} more"));
    }
    told.join(", ")
}

/// What BuildKit refuses.
fn errors(out: &mut String, subject: &Subject<'_, '_>) {
    let file = subject.file;
    let Some(cut) = file.cut else { return };
    let errors = queries::errors(file.parse, file.graph, file.options, Ok(cut), &[]);
    if errors.is_empty() {
        return;
    }
    *out += "\n## BuildKit refuses it\n\n";
    for error in errors.iter().take(MAX_ROWS) {
        let help = error.help.as_ref().map_or(String::new(), |help| format!(". {}", escape(help)));
        let at = match error.lines.first().map_or(0, |lines| lines.first) {
            0 => String::new(),
            line => format!("Line {line}: "),
        };
        let _ = writeln!(out, "- {at}{}{help}", escape(&error.message));
    }
    more(out, errors.len(), MAX_ROWS, "error");
}

/// What ships, and what stays behind. No image comes out of a build that fails.
fn files(out: &mut String, subject: &Subject<'_, '_>) {
    let (file, graph) = (subject.file, subject.file.graph);
    let Some(cut) = file.cut else { return };
    if queries::first_error(file.parse, graph, file.options, Ok(cut), &[]).is_some() {
        return;
    }
    let ledger = file.ledger();
    *out += "\n## What ships\n\n";
    let entries = ledger.entries.iter().filter(|entry| {
        let makings = ledger.node(entry.node).map_or(&[][..], |node| &node.makings);
        makings.is_empty() || makings.iter().any(|making| !matches!(making.how, How::Workdir))
    });
    let entries: Vec<_> = entries.collect();
    for entry in entries.iter().take(MAX_PATHS) {
        let gone = match (entry.overwritten_by, entry.removed_by) {
            (Some(_), _) => "; overwritten later",
            (None, Some(_)) => "; removed later",
            (None, None) => "",
        };
        let _ = writeln!(out, "- {}{gone}", escape(&ledger.describe(graph, entry.node)));
    }
    if entries.is_empty() && ledger.opaque.is_empty() {
        *out += "Nothing that is known.\n";
    }
    if !ledger.opaque.is_empty() {
        let n = words::count(ledger.opaque.len(), "RUN");
        let _ = writeln!(out, "- and whatever {n} of it may write that nothing is known of");
    }
    more(out, entries.len(), MAX_PATHS, "path");
    if ledger.left_behind.is_empty() {
        return;
    }
    *out += "\n## What stays behind\n\n";
    for left in ledger.left_behind.iter().take(MAX_ROWS) {
        let base =
            left.base.and_then(|id| graph.sources.get(id.0)).map(|it| escape(&queries::source_words(it)));
        let names = left.packages.iter().take(MAX_PACKAGES).map(|package| code(&package.name));
        let mut names: Vec<String> = names.collect();
        if left.packages.len() > MAX_PACKAGES {
            names.push(format!("{} more", left.packages.len() - MAX_PACKAGES));
        }
        let parts = [
            base,
            (!left.paths.is_empty()).then(|| words::count(left.paths.len(), "path")),
            (!names.is_empty()).then(|| format!("packages {}", names.join(", "))),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let parts = if parts.is_empty() { "nothing of its own".to_owned() } else { parts.join("; ") };
        let _ = writeln!(out, "- {}: {parts}", code(&words::name(graph, left.stage)));
    }
    more(out, ledger.left_behind.len(), MAX_ROWS, "stage");
}

fn findings(out: &mut String, subject: &Subject<'_, '_>) {
    let found = checks::find(subject.file);
    *out += "\n## Findings\n\n";
    if found.findings.is_empty() {
        *out += "None.\n";
    }
    let lines = LineIndex::new(subject.file.text);
    for finding in found.findings.iter().take(MAX_ROWS) {
        let at = lines.line_col(subject.file.text, finding.range.start).line;
        let help = finding.help.as_ref().map_or(String::new(), |help| format!(". {}", escape(help)));
        let _ = writeln!(
            out,
            "- Line {at}, {} {}: {}{help}",
            finding.rule.level.word(),
            code(finding.rule.name),
            escape(&finding.full_message())
        );
    }
    more(out, found.findings.len(), MAX_ROWS, "finding");
}

fn more(out: &mut String, n: usize, told: usize, what: &str) {
    if n > told {
        let _ = write!(out, "\nAnd {}.\n", words::count(n - told, &format!("more {what}")));
    }
}

/// A text in which nothing is Markdown.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    if text.starts_with(['-', '+']) {
        out.push('\\');
    }
    for c in visible(text).chars() {
        if "\\`*_[]<>#|~&$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A text as code, in a table too.
fn code(text: &str) -> String {
    let text = visible(text).replace('|', "\\|");
    let ticks = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// What encloses a block of code.
fn fence(text: &str) -> String {
    "`".repeat((longest_run(text) + 1).max(3))
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}
