//! Findings as workflow commands, which GitHub shows beside the lines of a change.

use std::io::{self, Write};

use dockerfile::checks::Level;
use dockerfile::edit::Fix;

use super::Checked;

pub(super) fn file(out: &mut impl Write, checked: &Checked<'_>) -> io::Result<()> {
    let analysis = checked.analysis;
    for it in checked.all {
        let command = match it.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Info => "notice",
        };
        write!(out, "::{command} file={}", property(checked.path))?;
        if let Some(range) = it.range {
            let start = analysis.lines.line_col(analysis.text, range.start);
            let end = analysis.lines.line_col(analysis.text, range.end);
            write!(out, ",line={},endLine={}", start.line, end.line)?;
            // Columns are for a place within a line alone.
            if start.line == end.line {
                let last = end.column.saturating_sub(1).max(start.column);
                write!(out, ",col={},endColumn={last}", start.column)?;
            }
        }
        write!(out, ",title={}", property(it.rule.map_or("BuildKit", |rule| rule.name)))?;
        let mut message = vec![it.message.clone()];
        message.extend(it.helps());
        message.extend(it.note.clone());
        message.extend(it.fixes.iter().map(|Fix { title, .. }| format!("fix available: {title}")));
        writeln!(out, "::{}", data(&message.join("\n")))?;
    }
    Ok(())
}

pub(super) fn unreadable(out: &mut impl Write, path: &str, sentence: &str) -> io::Result<()> {
    writeln!(out, "::error file={}::{}", property(path), data(sentence))
}

/// A text behind the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A value in front of it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_a_command_or_begins_another() {
        assert_eq!(data("100%\r\n::error::x, y"), "100%25%0D%0A::error::x, y");
        assert_eq!(property("a:b,c\n::%"), "a%3Ab%2Cc%0A%3A%3A%25");
    }
}
