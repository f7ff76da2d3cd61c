//! Errors as a compiler shows them: the words, the place, the line, what to do.

use std::fmt::Write;

use dockerfile::syntax::SyntaxError;

use super::{Style, clean};
use crate::analysis::Analysis;

/// Characters of a line that are shown; a longer line is cut around the place.
const WIDTH: usize = 100;
/// Of a flood of errors the first ones help.
const MAX_SHOWN: usize = 20;

/// All errors of the target, then those that only other targets run into.
pub(super) fn write(out: &mut String, id: &str, analysis: &Analysis<'_>, style: &Style) {
    for (idx, error) in analysis.errors.iter().take(MAX_SHOWN).enumerate() {
        let is_first = idx == 0 && analysis.errors.len() > 1;
        let stops = is_first.then_some("BuildKit stops here and does not come to the errors below");
        problem(out, id, analysis, error, &style.error("error"), stops, style);
    }
    if analysis.errors.len() > MAX_SHOWN {
        writeln!(out, "\n… and {} more errors", analysis.errors.len() - MAX_SHOWN).ok();
    }
    let is_known = |error: &SyntaxError| {
        analysis.errors.iter().any(|it| it.range == error.range && it.message == error.message)
    };
    let elsewhere = analysis.graph.stage_errors.iter().filter(|it| !is_known(&it.error));
    for error in elsewhere.take(MAX_SHOWN) {
        let stage = analysis.graph.stages[error.stage.0].display_name();
        let note = format!("only targets that need {} run into this", clean(&stage));
        problem(out, id, analysis, &error.error, &style.note("elsewhere"), Some(&note), style);
    }
}

fn problem(
    out: &mut String,
    id: &str,
    analysis: &Analysis<'_>,
    error: &SyntaxError,
    label: &str,
    note: Option<&str>,
    style: &Style,
) {
    writeln!(out, "\n{label}: {}", style.strong(&clean(&error.full_message()))).ok();
    let start = analysis.lines.line_col(analysis.text, error.range.start);
    let gutter = start.line.to_string().len();
    let bar = style.dim("|");
    // An error without a place, such as a missing target, has an empty range at the start.
    if !error.range.is_empty() || !error.lines.is_empty() {
        writeln!(out, "{:gutter$}{} {id}:{}:{}", "", style.dim("-->"), start.line, start.column).ok();
        if let Some(range) = analysis.lines.line_range(start.line) {
            let line = range.of(analysis.text).trim_end_matches('\r');
            let n_marked = analysis.text
                [error.range.start..error.range.end.min(range.end).max(error.range.start)]
                .trim_end_matches('\r')
                .chars()
                .count();
            let excerpt = Excerpt::of(line, start.column as usize - 1, n_marked);
            let number = style.dim(&start.line.to_string());
            writeln!(out, "{:gutter$} {bar}", "").ok();
            writeln!(out, "{number} {bar} {}", excerpt.text).ok();
            let carets = style.error(&"^".repeat(excerpt.n_marked));
            writeln!(out, "{:gutter$} {bar} {:indent$}{carets}", "", "", indent = excerpt.indent).ok();
        }
    }
    let suggestion = error.suggestion.as_ref().map(|it| format!("did you mean {}?", clean(it)));
    let helps =
        [("help", suggestion), ("help", error.help.as_deref().map(clean)), ("note", note.map(str::to_owned))];
    for (kind, text) in helps {
        if let Some(text) = text {
            writeln!(out, "{:gutter$} {} {}: {text}", "", style.dim("="), style.strong(kind)).ok();
        }
    }
}

/// A part of a line with a marked place in it.
struct Excerpt {
    text: String,
    indent: usize,
    n_marked: usize,
}

impl Excerpt {
    /// `at` and `n_marked` count characters.
    fn of(line: &str, at: usize, n_marked: usize) -> Excerpt {
        let skipped = if at + n_marked.min(WIDTH / 2) <= WIDTH { 0 } else { at.saturating_sub(WIDTH / 4) };
        let mut text: String = if skipped > 0 { "…".to_owned() } else { String::new() };
        text.push_str(&clean(&line.chars().skip(skipped).take(WIDTH).collect::<String>()));
        let has_more = line.chars().nth(skipped + WIDTH).is_some();
        let indent = at - skipped + usize::from(skipped > 0);
        let room = text.chars().count().saturating_sub(indent);
        if has_more {
            text.push('…');
        }
        Excerpt { text, indent, n_marked: n_marked.clamp(1, room.max(1)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let line = format!("{}here{}", "a".repeat(100_000), "b".repeat(1000));
        let excerpt = Excerpt::of(&line, 100_000, 4);
        assert_eq!(excerpt.text.chars().count(), WIDTH + 2);
        let marked: String = excerpt.text.chars().skip(excerpt.indent).take(excerpt.n_marked).collect();
        assert_eq!(marked, "here");
    }

    #[test]
    fn terminals_get_no_commands() {
        assert_eq!(Excerpt::of("RUN \x1b[2J\tx", 0, 3).text, "RUN ␛[2J x");
    }
}
