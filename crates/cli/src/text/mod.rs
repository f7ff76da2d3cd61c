//! Answers for people: a report of one file, as plain text.
//!
//! Everything that stands in a Dockerfile passes through [`clean`] before it is shown: a stranger's file must not
//! be able to send commands to the terminal.

mod build;
mod findings;
mod image;
mod ledger;
mod problems;
mod snippet;
mod stages;
mod state;

pub(crate) use problems::place;
pub(crate) use snippet::{Kind, Source, Told, snippet};

use std::fmt::Write;

use crate::analysis::Analysis;

/// Colours, where the reader can see them.
#[derive(Default)]
pub(crate) struct Style {
    is_on: bool,
}

impl Style {
    /// Colours on a terminal, unless NO_COLOR is set to something.
    pub(crate) fn of(is_terminal: bool) -> Style {
        Style { is_on: is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) }
    }

    /// Whether what is written goes to a terminal that shows colours.
    pub(crate) fn is_on(&self) -> bool {
        self.is_on
    }

    pub(crate) fn error(&self, text: &str) -> String {
        self.paint("1;31", text)
    }

    pub(crate) fn note(&self, text: &str) -> String {
        self.paint("1;33", text)
    }

    pub(crate) fn strong(&self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(crate) fn good(&self, text: &str) -> String {
        self.paint("32", text)
    }

    pub(crate) fn dim(&self, text: &str) -> String {
        self.paint("2", text)
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.is_on { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// The report of one file; `id` is its path as given. With a `state_line` it is about what is in force there.
pub(crate) fn report(id: &str, analysis: &Analysis<'_>, state_line: Option<u32>, style: &Style) -> String {
    let id = name(id);
    let mut found = analysis.checked().findings;
    found.retain(|finding| !finding.hidden);
    let mut out = format!("{}\n{}\n", style.strong(&id), summary(analysis, found.len(), style));
    if let Some(&at) = analysis.invalid.first() {
        let at = analysis.lines.line_col(analysis.text, at);
        let note = style.note("note");
        writeln!(
            out,
            "{note}: not UTF-8 from {id}:{}:{} on; each such byte is shown as �",
            at.line, at.column
        )
        .ok();
    }
    let source = Source { name: &id, text: analysis.text, lines: &analysis.lines };
    problems::write(&mut out, &source, analysis, style);
    if let Some(line) = state_line {
        state::write(&mut out, analysis, line, style);
        return out;
    }
    findings::write(&mut out, analysis, &found, style);
    if let Ok(cut) = &analysis.cut {
        stages::write(&mut out, analysis, cut, style);
        build::write(&mut out, analysis, cut, style);
    }
    out
}

/// What a file is called, free of control characters.
pub(crate) fn name(id: &str) -> String {
    if id == "-" { "standard input".to_owned() } else { clean(id) }
}

/// What one wants to know first.
fn summary(analysis: &Analysis<'_>, n_warnings: usize, style: &Style) -> String {
    let verdict = match analysis.errors.len() {
        0 => style.good("BuildKit accepts it"),
        1 => style.error("BuildKit refuses it"),
        n_errors => style.error(&format!("BuildKit refuses it: {n_errors} errors")),
    };
    let verdict = match n_warnings {
        0 => verdict,
        n_warnings => format!("{verdict}, {}", style.note(&count(n_warnings, "warning"))),
    };
    let n_stages = analysis.graph.stages.len();
    match &analysis.cut {
        Ok(cut) => {
            let target = clean(&analysis.graph.stages[cut.target.0].display_name());
            let is_last = cut.target.0 + 1 == n_stages;
            let n_skipped = cut.stages.iter().filter(|stage| !stage.needed).count();
            let of = match (n_stages, is_last) {
                (1, _) => "the only stage".to_owned(),
                (_, true) => format!("the last of {n_stages} stages"),
                (_, false) => format!("one of {n_stages} stages"),
            };
            let skipped = if n_skipped > 0 { format!("; {n_skipped} not needed") } else { String::new() };
            format!("{verdict} · target {}, {of}{skipped}", style.strong(&target))
        }
        Err(_) if n_stages == 0 => verdict,
        Err(_) => {
            let names: Vec<&str> =
                analysis.graph.stages.iter().filter_map(|stage| stage.name.as_deref()).collect();
            let names = if names.is_empty() { "none".to_owned() } else { clean(&names.join(", ")) };
            format!("{verdict} · targets there are: {names}")
        }
    }
}

/// A heading with an empty line in front.
fn heading(out: &mut String, title: &str, style: &Style) {
    writeln!(out, "\n{}", style.strong(title)).ok();
}

/// `text` without characters that a terminal might obey.
pub(crate) fn clean(text: &str) -> String {
    let shown = |c: char| match c {
        '\t' => ' ',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + c as u32).unwrap_or(c),
        '\u{7f}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        _ => c,
    };
    text.chars().map(shown).collect()
}

/// The first `width` characters of `text`, with a sign if there are more.
fn shorten(text: &str, width: usize) -> String {
    match text.char_indices().nth(width) {
        Some(_) => text.chars().take(width - 1).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

/// `1 line`, `2 lines`.
pub(crate) fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
