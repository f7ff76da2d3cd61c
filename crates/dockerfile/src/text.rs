//! Places in a text: byte ranges, and lines and columns for people.
//!
//! Everything inside the core speaks of [`TextRange`]s. A line or a column is made at the edge, by
//! [`LineIndex`]; UTF-16 offsets exist only in the application's editor bridge.

use std::borrow::Cow;

/// A half-open range of bytes in a text; both ends lie on character boundaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TextRange {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte.
    pub end: usize,
}

impl TextRange {
    /// The range from `start` up to, and without, `end`.
    pub fn new(start: usize, end: usize) -> TextRange {
        debug_assert!(start <= end, "range {start}..{end} runs backwards");
        TextRange { start, end }
    }

    /// The empty range at `offset`.
    pub fn empty(offset: usize) -> TextRange {
        TextRange { start: offset, end: offset }
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the range holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether `other` lies within this range.
    pub fn contains_range(self, other: TextRange) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether `offset` lies within the range or directly behind it.
    pub fn touches(self, offset: usize) -> bool {
        self.start <= offset && offset <= self.end
    }

    /// The smallest range that holds both.
    pub fn cover(self, other: TextRange) -> TextRange {
        TextRange { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The text that lies in the range. Panics if the range is not of this text.
    pub fn of(self, text: &str) -> &str {
        &text[self.start..self.end]
    }
}

/// Physical lines, counted from 1, both ends included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LineSpan {
    /// First line.
    pub first: u32,
    /// Last line, at least `first`.
    pub last: u32,
}

impl LineSpan {
    /// A single line.
    pub fn at(line: u32) -> LineSpan {
        LineSpan { first: line, last: line }
    }

    /// Whether `line` (from 1) lies in the span.
    pub fn contains(self, line: u32) -> bool {
        self.first <= line && line <= self.last
    }
}

/// A place for people: line and column, both from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LineCol {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters (Unicode scalar values), from 1.
    pub column: u32,
}

/// Where the lines of a text start. Lines end at `\n` alone, as in BuildKit's scanner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<usize>,
    len: usize,
}

impl LineIndex {
    /// Reads the line starts of `text`.
    pub fn new(text: &str) -> LineIndex {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        LineIndex { starts, len: text.len() }
    }

    /// How many lines the text has; a text that ends in `\n` has an empty last line.
    pub fn n_lines(&self) -> u32 {
        self.starts.len() as u32
    }

    /// The line (from 1) that `offset` lies in; an offset past the end lies in the last line.
    pub fn line(&self, offset: usize) -> u32 {
        self.starts.partition_point(|&start| start <= offset) as u32
    }

    /// The bytes of `line` (from 1) without its `\n`; `None` if the text has no such line.
    pub fn line_range(&self, line: u32) -> Option<TextRange> {
        let start = *self.starts.get((line as usize).checked_sub(1)?)?;
        let end = self.starts.get(line as usize).map_or(self.len, |next| next - 1);
        Some(TextRange::new(start, end))
    }

    /// Line and column of `offset`, which must be a character boundary of `text`.
    pub fn line_col(&self, text: &str, offset: usize) -> LineCol {
        let line = self.line(offset);
        let start = self.starts[line as usize - 1];
        LineCol { line, column: text[start..offset.min(text.len())].chars().count() as u32 + 1 }
    }
}

/// The text of a file. Each byte that is not UTF-8 becomes U+FFFD, as when BuildKit shows it; the second value
/// says where in the text they stand, in order.
pub fn decode(bytes: &[u8]) -> (Cow<'_, str>, Vec<usize>) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (Cow::Borrowed(text), Vec::new());
    }
    let mut text = String::with_capacity(bytes.len() + 16);
    let mut invalid = Vec::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for _ in chunk.invalid() {
            invalid.push(text.len());
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    (Cow::Owned(text), invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_utf8_become_one_replacement_each() {
        assert_eq!(decode(b"abc"), ("abc".into(), vec![]));
        assert_eq!(decode(b"a\xffb\xe2\x82"), ("a\u{fffd}b\u{fffd}\u{fffd}".into(), vec![1, 5, 8]));
    }

    #[test]
    fn lines_end_at_a_line_feed_alone() {
        let text = "a\r\né\rb\n";
        let index = LineIndex::new(text);
        assert_eq!(index.n_lines(), 3);
        assert_eq!(index.line_range(2), Some(TextRange::new(3, 7)));
        assert_eq!(index.line_range(4), None);
        assert_eq!(index.line_col(text, 5), LineCol { line: 2, column: 2 });
    }
}
