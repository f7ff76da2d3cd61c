//! What BuildKit's checks find: a line each, below the errors.

use std::fmt::Write;

use dockerfile::checks::Finding;

use super::{Style, clean};
use crate::analysis::Analysis;

/// Of a flood of findings the first ones help.
const MAX_SHOWN: usize = 20;

pub(super) fn write(out: &mut String, analysis: &Analysis<'_>, found: &[Finding], style: &Style) {
    for (idx, finding) in found.iter().take(MAX_SHOWN).enumerate() {
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
    if found.len() > MAX_SHOWN {
        writeln!(out, "… and {} more warnings", found.len() - MAX_SHOWN).ok();
    }
}
