//! Errors as a compiler shows them: the words, the place, the line, what to do.

use std::fmt::Write;

use dockerfile::syntax::SyntaxError;
use dockerfile::text::TextRange;

use super::Style;
use super::snippet::{Kind, Source, Told, snippet};
use crate::analysis::Analysis;

/// Of a flood of errors the first ones help.
const MAX_SHOWN: usize = 20;

/// All errors of the target, then those that only other targets run into.
pub(super) fn write(out: &mut String, source: &Source<'_>, analysis: &Analysis<'_>, style: &Style) {
    for (idx, error) in analysis.errors.iter().take(MAX_SHOWN).enumerate() {
        let is_first = idx == 0 && analysis.errors.len() > 1;
        let stops = is_first.then(|| "BuildKit stops here and does not come to the errors below".to_owned());
        problem(out, source, error, Kind::Error, stops, style);
    }
    if analysis.errors.len() > MAX_SHOWN {
        writeln!(out, "\n… and {} more errors", analysis.errors.len() - MAX_SHOWN).ok();
    }
    for (error, note) in analysis.errors_elsewhere().take(MAX_SHOWN) {
        problem(out, source, error, Kind::Elsewhere, Some(note), style);
    }
}

fn problem(
    out: &mut String,
    source: &Source<'_>,
    error: &SyntaxError,
    kind: Kind,
    note: Option<String>,
    style: &Style,
) {
    let suggestion = error.suggestion.as_ref().map(|it| format!("did you mean {it}?"));
    let footers = [("help", suggestion), ("help", error.help.clone()), ("note", note)];
    let told = Told {
        kind,
        message: &error.full_message(),
        rule: None,
        range: place(error),
        labels: Vec::new(),
        footers: footers.into_iter().filter_map(|(word, text)| Some((word, text?))).collect(),
    };
    out.push('\n');
    out.push_str(&snippet(source, &told, style));
}

/// Where an error is. One without a place, such as a missing target, has an empty range at the start.
pub(crate) fn place(error: &SyntaxError) -> Option<TextRange> {
    Some(error.range).filter(|range| !range.is_empty() || !error.lines.is_empty())
}
