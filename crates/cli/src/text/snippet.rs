//! Something to tell with the lines it is about: the words, the place, the lines with what is marked, what to do.
//!
//! Drawn by annotate-snippets, which draws for Cargo too: it knows how wide characters are, shows control characters
//! as pictures and folds what lies between two marks. Surprising: it goes through all that it is given, so it is given
//! the lines with marks alone, and of a very long line the piece around them.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use dockerfile::text::{LineIndex, TextRange};

use super::{Style, clean};

/// Marks that lie further apart, in lines, are shown as excerpts of their own.
const MAX_GAP: u32 = 30;
/// Bytes of a line that are shown whole.
const MAX_LINE: usize = 600;
/// What is shown of a longer one before the first mark, and from there on.
const BEFORE: usize = 100;
const BEHIND: usize = 300;

/// A file to take lines from.
pub(crate) struct Source<'t> {
    /// What it is called, free of control characters.
    pub(crate) name: &'t str,
    pub(crate) text: &'t str,
    pub(crate) lines: &'t LineIndex,
}

/// What is told.
pub(crate) struct Told<'t> {
    pub(crate) kind: Kind,
    pub(crate) message: &'t str,
    /// The name of the rule.
    pub(crate) rule: Option<&'t str>,
    /// The place it is about; `None` if it has none.
    pub(crate) range: Option<TextRange>,
    /// Other places, each with a few words.
    pub(crate) labels: Vec<(TextRange, &'t str)>,
    /// What stands below: a word for what it is, and a sentence.
    pub(crate) footers: Vec<(&'static str, String)>,
}

/// What kind of thing is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Error,
    Warning,
    Info,
    /// An error that another target runs into.
    Elsewhere,
}

/// The lines to print, with a line feed at the end.
pub(crate) fn snippet(source: &Source<'_>, told: &Told<'_>, style: &Style) -> String {
    let level = match told.kind {
        Kind::Error => Level::ERROR,
        Kind::Warning => Level::WARNING,
        Kind::Info => Level::INFO,
        Kind::Elsewhere => Level::WARNING.with_name("elsewhere"),
    };
    let mut title = level.primary_title(clean(told.message));
    if let Some(rule) = told.rule {
        title = title.id(rule);
    }
    let mut group = Group::with_title(title);
    let mut columns = Vec::new();
    if let Some(range) = told.range {
        let marks = std::iter::once(Mark { range, label: None });
        let labels = told.labels.iter().map(|(range, text)| Mark { range: *range, label: Some(clean(text)) });
        for cluster in clusters(source.lines, marks.chain(labels).collect()) {
            let (snippet, column) = excerpt(source, cluster);
            group = group.element(snippet);
            columns.extend(column);
        }
    }
    for (word, sentence) in &told.footers {
        let level = if *word == "note" { Level::NOTE } else { Level::HELP };
        group = group.element(level.with_name(*word).message(clean(sentence)));
    }
    let renderer = if style.is_on { Renderer::styled() } else { Renderer::plain() };
    let mut out = renderer.render(&[group]);
    for (shown, real) in columns {
        out = out.replacen(&format!("{}:{shown}", source.name), &format!("{}:{real}", source.name), 1);
    }
    out.push('\n');
    out
}

struct Mark {
    range: TextRange,
    /// `None` for the place that all is about.
    label: Option<String>,
}

/// Marks that are shown together, the one that all is about first.
fn clusters(lines: &LineIndex, marks: Vec<Mark>) -> Vec<Vec<Mark>> {
    let mut order: Vec<Mark> = marks;
    order.sort_by_key(|mark| mark.range);
    let mut clusters: Vec<Vec<Mark>> = Vec::new();
    let mut last_line = 0;
    for mark in order {
        let (first, last) = (lines.line(mark.range.start), lines.line(mark.range.end));
        match clusters.last_mut() {
            Some(cluster) if first <= last_line + MAX_GAP => cluster.push(mark),
            Some(_) | None => clusters.push(vec![mark]),
        }
        last_line = last.max(last_line);
    }
    for cluster in &mut clusters {
        cluster.sort_by_key(|mark| mark.label.is_some());
    }
    clusters.sort_by_key(|cluster| cluster.iter().all(|mark| mark.label.is_some()));
    clusters
}

/// Lines with marks. If they had to be cut: line and column that will be shown for the first mark, and the real ones.
fn excerpt<'t>(
    source: &Source<'t>,
    marks: Vec<Mark>,
) -> (Snippet<'t, Annotation<'t>>, Option<(String, String)>) {
    let first = marks.iter().map(|mark| source.lines.line(mark.range.start)).min().unwrap_or(1);
    let last = marks.iter().map(|mark| source.lines.line(mark.range.end)).max().unwrap_or(1);
    let ranges: Vec<TextRange> = marks.iter().map(|mark| mark.range).collect();
    let (text, placed) = cut(source, first..last + 1, &ranges);
    let at = source.lines.line_col(source.text, ranges[0].start);
    let line_start = text[..placed[0].start].rfind('\n').map_or(0, |at| at + 1);
    let column = text[line_start..placed[0].start].chars().count() + 1;
    let is_moved = column != at.column as usize;
    let columns = is_moved.then(|| (format!("{}:{column}", at.line), format!("{}:{}", at.line, at.column)));
    let annotations = marks.into_iter().zip(placed).map(|(mark, range)| {
        let kind = if mark.label.is_none() { AnnotationKind::Primary } else { AnnotationKind::Context };
        kind.span(range).label(mark.label)
    });
    let snippet = Snippet::source(text).path(source.name).line_start(first as usize);
    (snippet.annotations(annotations), columns)
}

/// The text of lines, and where the ranges lie in it. Of a very long line it has the piece around what is marked.
fn cut<'t>(
    source: &Source<'t>,
    lines: Range<u32>,
    ranges: &[TextRange],
) -> (Cow<'t, str>, Vec<Range<usize>>) {
    let spans: Vec<TextRange> = lines.filter_map(|line| source.lines.line_range(line)).collect();
    let whole = spans.first().copied().unwrap_or_default().cover(spans.last().copied().unwrap_or_default());
    if spans.iter().all(|span| span.len() <= MAX_LINE) {
        // At the end of the last line there may be half of a CRLF.
        let text = whole.of(source.text).trim_end_matches('\r');
        let at = |offset: usize| (offset - whole.start).min(text.len());
        return (visible(text), ranges.iter().map(|it| at(it.start)..at(it.end)).collect());
    }
    let mut text = String::new();
    let mut placed = vec![0..0; ranges.len()];
    for span in spans {
        let piece = piece(source.text, span, ranges);
        if piece.start > span.start {
            text.push('…');
        }
        let at = |offset: usize| text.len() + offset.clamp(piece.start, piece.end) - piece.start;
        for (range, placed) in ranges.iter().zip(&mut placed) {
            if span.touches(range.start) {
                placed.start = at(range.start);
            }
            if span.touches(range.end) {
                placed.end = at(range.end);
            }
        }
        text.push_str(piece.of(source.text));
        if piece.end < span.end {
            text.push('…');
        }
        text.push('\n');
    }
    (Cow::Owned(visible(&text).into_owned()), placed)
}

/// What to show of a line.
fn piece(text: &str, line: TextRange, ranges: &[TextRange]) -> TextRange {
    if line.len() <= MAX_LINE {
        return line;
    }
    let ends = ranges.iter().flat_map(|range| [range.start, range.end]);
    let first = ends.filter(|&at| line.touches(at)).min().unwrap_or(line.start);
    let mut start = first.saturating_sub(BEFORE).max(line.start);
    let mut end = (first + BEHIND).min(line.end);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    TextRange::new(start, end)
}

/// `text` without the control characters of U+0080 to U+009F, which some terminals obey. What comes in their place is
/// of the same length, so that all ranges stay true.
fn visible(text: &str) -> Cow<'_, str> {
    let is_hidden = |it: char| ('\u{80}'..='\u{9f}').contains(&it);
    match text.contains(is_hidden) {
        true => Cow::Owned(text.replace(is_hidden, "¿")),
        false => Cow::Borrowed(text),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    /// Marks what stands between `«` and `»`, and labels the other pairs.
    fn check(text: &str, expect: Expect) {
        let mut ranges = Vec::new();
        let mut plain = String::new();
        for c in text.chars() {
            match c {
                '«' => ranges.push(TextRange::empty(plain.len())),
                '»' => ranges.last_mut().unwrap().end = plain.len(),
                _ => plain.push(c),
            }
        }
        let lines = LineIndex::new(&plain);
        let source = Source { name: "f", text: &plain, lines: &lines };
        let told = Told {
            kind: Kind::Warning,
            message: "it",
            rule: None,
            range: Some(ranges[0]),
            labels: ranges[1..].iter().map(|range| (*range, "here")).collect(),
            footers: Vec::new(),
        };
        let out = snippet(&source, &told, &Style { is_on: false });
        assert!(out.chars().all(|it| it == '\n' || !it.is_control()), "{out:?}");
        expect.assert_eq(&out);
    }

    #[test]
    fn several_places_share_an_excerpt() {
        check(
            "FROM a\nRUN «a \\\n  b»\nCMD «x»\n",
            expect![[r#"
            warning: it
             --> f:2:5
              |
            2 |   RUN a \
              |  _____^
            3 | |   b
              | |___^
            4 |   CMD x
              |       - here
        "#]],
        );
    }

    #[test]
    fn places_far_apart_have_excerpts_of_their_own() {
        check(
            &format!("«FROM» a\n{}CMD «x»\n", "RUN y\n".repeat(1000)),
            expect![[r#"
            warning: it
                --> f:1:1
                 |
               1 | FROM a
                 | ^^^^
                 |
                ::: f:1002:5
                 |
            1002 | CMD x
                 |     - here
        "#]],
        );
        check(
            &format!("FROM a\n«A»\n{}CMD «x»\n", "RUN y\n".repeat(20)),
            expect![[r#"
            warning: it
              --> f:2:1
               |
             2 | A
               | ^
            ...
            23 | CMD x
               |     - here
        "#]],
        );
    }

    #[test]
    fn terminals_get_no_commands() {
        check(
            "RUN \x1b[2J\t\u{9b}31m\u{202e}\r \0«x»\u{7f}\n",
            expect![[r#"
            warning: it
             --> f:1:18
              |
            1 | RUN ␛[2J    ¿31m�␍ ␀x␡
              |                     ^
        "#]],
        );
    }

    #[test]
    fn wide_characters_count_as_wide() {
        check(
            "RUN 漢字 😀 é «ab»\n",
            expect![[r#"
            warning: it
             --> f:1:12
              |
            1 | RUN 漢字 😀 é ab
              |               ^^
        "#]],
        );
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        check(
            &format!("RUN {}«here»{}\nCMD «a»\n", "漢".repeat(30_000), "b".repeat(100_000)),
            expect![[r#"
            warning: it
             --> f:1:30005
              |
            1 | …漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢herebbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb...
              |                                                                    ^^^^
            2 | CMD a
              |     - here
        "#]],
        );
    }

    #[test]
    fn the_end_of_a_text_is_a_place() {
        check(
            "«»",
            expect![[r#"
            warning: it
             --> f:1:1
              |
            1 |
              | ^
        "#]],
        );
        check(
            "FROM a\n«»",
            expect![[r#"
            warning: it
             --> f:2:1
              |
            2 |
              | ^
        "#]],
        );
        check(
            "FROM a\r\n«RUN b»\r\n",
            expect![[r#"
            warning: it
             --> f:2:1
              |
            2 | RUN b
              | ^^^^^
        "#]],
        );
    }
}
