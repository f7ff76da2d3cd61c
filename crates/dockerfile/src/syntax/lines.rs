//! From bytes to logical lines (BuildKit's `parser/parser.go`: `Parse`, `processLine`,
//! `trimContinuationCharacter`).
//!
//! A logical line is one or more pieces of the text with everything between them taken out: the escape at
//! the end of a line, comments and blank lines inside a continuation. Pieces are appended without a
//! separator, so a word can begin on one line and end on another; [`Logical`] knows the way back.

use std::borrow::Cow;
use std::ops::Range;

use super::Word;
use crate::text::TextRange;

/// BuildKit's scanner gives up on a physical line that has more bytes, its `\n` included.
const MAX_LINE: usize = 65_536;

/// A physical line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Physical {
    /// Offset of its first byte.
    pub(super) start: usize,
    /// Offset behind its last byte that is neither `\r` nor `\n`.
    pub(super) end: usize,
}

impl Physical {
    pub(super) fn of(self, text: &str) -> &str {
        &text[self.start..self.end]
    }
}

/// Hands out physical lines and counts them.
#[derive(Clone, Debug)]
pub(super) struct Lines<'a> {
    text: &'a str,
    /// Offset of the next line.
    pub(super) at: usize,
    /// How many lines were handed out.
    pub(super) count: u32,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Lines<'a> {
        Lines { text, at: 0, count: 0 }
    }

    /// The next line. `None` at the end of the text and at a line that is too long, which stays where it is.
    pub(super) fn next(&mut self) -> Option<Physical> {
        let rest = &self.text.as_bytes()[self.at..];
        if rest.is_empty() {
            return None;
        }
        let (end, next) = match find_byte(rest, b'\n') {
            Some(end) => (end, end + 1),
            None => (rest.len(), rest.len()),
        };
        // Without its `\n` the last line must leave room in the scanner's buffer.
        if next > MAX_LINE || end >= MAX_LINE {
            return None;
        }
        let mut trimmed = end;
        while trimmed > 0 && rest[trimmed - 1] == b'\r' {
            trimmed -= 1;
        }
        let line = Physical { start: self.at, end: self.at + trimmed };
        self.at += next;
        self.count += 1;
        Some(line)
    }

    /// Steps over the line that was too long. `None` at the end of the text.
    pub(super) fn skip_long(&mut self) -> Option<TextRange> {
        let rest = &self.text[self.at..];
        if rest.is_empty() {
            return None;
        }
        let start = self.at;
        let end = rest.find('\n').unwrap_or(rest.len());
        self.at += (end + 1).min(rest.len());
        self.count += 1;
        Some(TextRange::new(start, start + end))
    }
}

/// The place of the first `byte`. Eight bytes at a time: lines are too short for what the standard library does
/// to get started.
pub(super) fn find_byte(bytes: &[u8], byte: u8) -> Option<usize> {
    const LOW: u64 = 0x0101_0101_0101_0101;
    let pattern = LOW * u64::from(byte);
    let (chunks, rest) = bytes.as_chunks::<8>();
    for (idx, chunk) in chunks.iter().enumerate() {
        let word = u64::from_le_bytes(*chunk) ^ pattern;
        // The lowest set bit marks the first byte that is zero, that is, the first `byte`.
        let zeros = word.wrapping_sub(LOW) & !word & (LOW << 7);
        if zeros != 0 {
            return Some(idx * 8 + zeros.trailing_zeros() as usize / 8);
        }
    }
    rest.iter().position(|&it| it == byte).map(|at| chunks.len() * 8 + at)
}

/// `text.trim_start()`, quick where no character outside ASCII is met.
pub(super) fn trim_start(text: &str) -> &str {
    let blanks = text.bytes().take_while(|byte| matches!(byte, b'\t'..=b'\r' | b' ')).count();
    let rest = &text[blanks..];
    if matches!(rest.as_bytes().first(), None | Some(0..0x80)) { rest } else { rest.trim_start() }
}

/// `text.trim_end()`, quick where there is nothing to trim.
pub(super) fn trim_end(text: &str) -> &str {
    if matches!(text.as_bytes().last(), Some(b'!'..=b'~')) { text } else { text.trim_end() }
}

/// Where a line's content ends, if the line continues: the place of its escape.
///
/// The escape must be the last thing before blanks, and no second escape may stand before it: `a\\` does
/// not continue, and neither does `a\\\`.
pub(super) fn continuation(line: &str, escape: u8) -> Option<usize> {
    let bytes = line.as_bytes();
    let mut at = bytes.len();
    while at > 0 && matches!(bytes[at - 1], b' ' | b'\t') {
        at -= 1;
    }
    let at = at.checked_sub(1)?;
    (bytes[at] == escape && (at == 0 || bytes[at - 1] != escape)).then_some(at)
}

/// What a line is inside a continuation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineRole {
    /// Its first non-blank character is `#`: dropped, whatever stands at its end.
    Comment,
    /// Dropped, and worth a warning.
    Blank,
    /// Part of the instruction.
    Content,
}

/// The role of `line` inside a continuation.
pub(super) fn role(line: &str) -> LineRole {
    match trim_start(line).as_bytes().first() {
        None => LineRole::Blank,
        Some(b'#') => LineRole::Comment,
        Some(_) => LineRole::Content,
    }
}

/// The logical line that `text` begins with, trimmed.
pub(super) fn joined(text: &str, escape: u8) -> Cow<'_, str> {
    let mut lines = Lines::new(text);
    let Some(first) = lines.next().map(|line| line.of(text)) else { return Cow::Borrowed("") };
    let Some(mut end) = continuation(first, escape) else { return Cow::Borrowed(first.trim()) };
    let mut joined = String::with_capacity(text.len());
    let mut line = first;
    loop {
        joined.push_str(&line[..end]);
        let content = std::iter::from_fn(|| lines.next().map(|it| it.of(text)));
        let Some(next) = content.into_iter().find(|it| role(it) == LineRole::Content) else { break };
        line = next;
        match continuation(line, escape) {
            Some(at) => end = at,
            None => {
                joined.push_str(line);
                break;
            }
        }
    }
    Cow::Owned(joined.trim().to_owned())
}

/// A piece of a logical line.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Where it begins in the logical line.
    joined: usize,
    /// Where it begins in the source.
    source: usize,
    /// Where it ends in the source.
    source_end: usize,
}

/// A logical line: its text, and for each place in it the place in the source.
#[derive(Clone, Debug, Default)]
pub(super) struct Logical<'a> {
    source: &'a str,
    /// The pieces put together; empty as long as there is just one.
    joined: String,
    pieces: Vec<Piece>,
}

impl<'a> Logical<'a> {
    pub(super) fn new(source: &'a str) -> Logical<'a> {
        Logical { source, joined: String::new(), pieces: Vec::new() }
    }

    /// Starts again with one piece of the source.
    pub(super) fn reset(&mut self, piece: Range<usize>) {
        self.joined.clear();
        self.pieces.clear();
        self.pieces.push(Piece { joined: 0, source: piece.start, source_end: piece.end });
    }

    /// Appends a piece of the source.
    pub(super) fn push(&mut self, piece: Range<usize>) {
        if piece.is_empty() {
            return;
        }
        if let [first] = self.pieces[..] {
            if first.source == first.source_end {
                return self.reset(piece);
            }
            // Rather once too much than often too little: it cannot become longer than what is left.
            self.joined.reserve((self.source.len() - first.source).min(8 * 1024));
            self.pieces.reserve(16);
            self.joined.push_str(&self.source[first.source..first.source_end]);
        }
        self.pieces.push(Piece { joined: self.joined.len(), source: piece.start, source_end: piece.end });
        self.joined.push_str(&self.source[piece]);
    }

    /// The text of the whole logical line.
    pub(super) fn text(&self) -> &str {
        match self.pieces[..] {
            [piece] => &self.source[piece.source..piece.source_end],
            _ => &self.joined,
        }
    }

    /// Where a range of the logical line stands in the source: from its first byte to its last.
    pub(super) fn source_range(&self, range: Range<usize>) -> TextRange {
        if let [piece] = self.pieces[..] {
            return TextRange { start: piece.source + range.start, end: piece.source + range.end };
        }
        let first = self.piece_at(range.start);
        let start = (first.source + (range.start - first.joined)).min(first.source_end);
        if range.is_empty() {
            return TextRange::empty(start);
        }
        // The end belongs to the piece of the last byte, not to the one that begins there.
        let last = self.piece_at(range.end - 1);
        let end = (last.source + (range.end - last.joined)).min(last.source_end);
        TextRange { start, end: end.max(start) }
    }

    /// The parts of a range of the logical line, piece by piece in the source.
    pub(super) fn source_pieces(&self, range: Range<usize>) -> impl Iterator<Item = TextRange> + '_ {
        let first = self.pieces.partition_point(|piece| piece.joined <= range.start).saturating_sub(1);
        let touched = self.pieces[first..].iter().take_while(move |piece| piece.joined < range.end);
        touched.filter_map(move |piece| {
            let end = piece.joined + (piece.source_end - piece.source);
            let start = range.start.max(piece.joined) - piece.joined;
            let end = range.end.min(end).saturating_sub(piece.joined);
            (start < end).then(|| TextRange::new(piece.source + start, piece.source + end))
        })
    }

    /// The range of the logical line that a range of the source became: [`Logical::source_range`] backwards.
    /// Places that were left out count as the nearest place that was not.
    pub(super) fn joined_range(&self, range: TextRange) -> Range<usize> {
        let joined = |offset: usize| {
            let after = self.pieces.partition_point(|piece| piece.source <= offset);
            let piece = self.pieces[after.saturating_sub(1)];
            piece.joined + (offset.clamp(piece.source, piece.source_end) - piece.source)
        };
        let start = joined(range.start);
        start..joined(range.end).max(start)
    }

    /// A range of the logical line as a word. It borrows from the source unless it crosses a line end.
    pub(super) fn word(&self, range: Range<usize>) -> Word<'a> {
        if let [piece] = self.pieces[..] {
            let range = TextRange { start: piece.source + range.start, end: piece.source + range.end };
            return Word { text: Cow::Borrowed(range.of(self.source)), range };
        }
        let source_range = self.source_range(range.clone());
        // Equal lengths mean one piece, except for a character that was cut (see `starting_inside_character`).
        let text = if source_range.len() == range.len() && !self.is_rewritten() {
            Cow::Borrowed(source_range.of(self.source))
        } else {
            Cow::Owned(self.text()[range].to_owned())
        };
        Word { text, range: source_range }
    }

    /// The same line from byte `at` on, which may lie inside a character: what is left of that character
    /// becomes U+FFFD, byte by byte.
    pub(super) fn starting_inside_character(&self, at: usize) -> Logical<'a> {
        let text = self.text();
        let boundary = (at..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
        let mut joined = "\u{fffd}".repeat(boundary - at);
        let behind = self.source_range(0..boundary).end;
        let mut pieces = vec![Piece { joined: 0, source: behind, source_end: behind }];
        for range in self.source_pieces(boundary..text.len()) {
            pieces.push(Piece { joined: joined.len(), source: range.start, source_end: range.end });
            joined.push_str(range.of(self.source));
        }
        // Two pieces at least, so that `text` takes the joined form.
        pieces.push(Piece { joined: joined.len(), source: self.source_end(), source_end: self.source_end() });
        Logical { source: self.source, joined, pieces }
    }

    /// Whether the text begins with characters that do not stand in the source.
    fn is_rewritten(&self) -> bool {
        self.pieces.len() > 1 && self.pieces[0].source == self.pieces[0].source_end
    }

    fn source_end(&self) -> usize {
        self.pieces.last().map_or(0, |piece| piece.source_end)
    }

    fn piece_at(&self, offset: usize) -> Piece {
        match self.pieces[..] {
            [piece] => piece,
            _ => {
                let after = self.pieces.partition_point(|piece| piece.joined <= offset);
                self.pieces[after.saturating_sub(1)]
            }
        }
    }
}
