//! What BuildKit's checks find: a line each, below the errors.

use std::fmt::Write;

use super::{Style, clean};
use crate::analysis::Analysis;

/// Of a flood of findings the first ones help.
const MAX_SHOWN: usize = 20;

pub(super) fn write(out: &mut String, analysis: &Analysis<'_>, style: &Style) {
    let checked = analysis.checked();
    let shown: Vec<_> = checked.findings.iter().filter(|finding| !finding.hidden).collect();
    for (idx, finding) in shown.iter().take(MAX_SHOWN).enumerate() {
        if idx == 0 {
            out.push('\n');
        }
        let lines = match (finding.lines.first, finding.lines.last) {
            (first, last) if first == last => format!("line {first}"),
            (first, last) => format!("lines {first}–{last}"),
        };
        let (label, name) = (style.note("warning"), style.strong(finding.rule.name));
        writeln!(out, "{label}: {name} ({lines}): {}", clean(&finding.full_message())).ok();
        if let Some(doubt) = finding.doubt(&analysis.graph) {
            writeln!(out, "  {}", clean(&doubt)).ok();
        }
    }
    if shown.len() > MAX_SHOWN {
        writeln!(out, "… and {} more warnings", shown.len() - MAX_SHOWN).ok();
    }
}
