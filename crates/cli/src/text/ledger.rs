//! What the image holds, how each path got there, and what stays behind.

use std::fmt::Write;

use dockerfile::queries::ledger::{How, Ledger, ledger};
use dockerfile::queries::{Cut, source_words};
use dockerfile::stages::StageGraph;

use super::{Style, clean, count, heading, shorten};

/// Paths that are told, and packages of a stage.
const MAX_PATHS: usize = 60;
const MAX_PACKAGES: usize = 12;
/// Characters of a line.
const WIDTH: usize = 160;

pub(super) fn write(out: &mut String, graph: &StageGraph, cut: &Cut, style: &Style) {
    let ledger = ledger(graph, cut);
    heading(out, "What the image holds", style);
    let is_told = |how: &How| !matches!(how, How::Workdir);
    let entries = ledger.entries.iter().filter(|entry| {
        let makings = ledger.node(entry.node).map_or(&[][..], |node| &node.makings);
        makings.is_empty() || makings.iter().any(|making| is_told(&making.how))
    });
    let entries: Vec<_> = entries.collect();
    if entries.is_empty() && ledger.opaque.is_empty() {
        line(out, "nothing that is known");
    }
    for entry in entries.iter().take(MAX_PATHS) {
        let gone = match (entry.overwritten_by, entry.removed_by) {
            (Some(_), _) => "; overwritten later",
            (None, Some(_)) => "; removed later",
            (None, None) => "",
        };
        line(out, &format!("{}{gone}", ledger.describe(graph, entry.node)));
    }
    if entries.len() > MAX_PATHS {
        line(out, &format!("and {}", count(entries.len() - MAX_PATHS, "more path")));
    }
    if !ledger.opaque.is_empty() {
        line(
            out,
            &format!(
                "and whatever {} of it write that nothing is known of",
                count(ledger.opaque.len(), "RUN")
            ),
        );
    }
    if !ledger.left_behind.is_empty() {
        heading(out, "Left behind", style);
        behind(out, graph, &ledger);
    }
}

fn behind(out: &mut String, graph: &StageGraph, ledger: &Ledger) {
    for left in &ledger.left_behind {
        let stage = graph.stages[left.stage.0].display_name();
        let base = left.base.and_then(|id| graph.sources.get(id.0)).map(source_words);
        let packages = left.packages.iter().take(MAX_PACKAGES).map(|package| package.name.as_str());
        let packages = packages.collect::<Vec<_>>().join(", ");
        let parts = [
            base,
            (!left.paths.is_empty()).then(|| count(left.paths.len(), "path")),
            (!packages.is_empty()).then(|| format!("packages {packages}")),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let parts = if parts.is_empty() { "nothing of its own".to_owned() } else { parts.join("; ") };
        line(out, &format!("{stage}: {parts}"));
    }
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "  {}", shorten(&clean(text), WIDTH)).ok();
}
