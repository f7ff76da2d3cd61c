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

/// Hands out physical lines, without the `\r` and `\n` at their ends, and counts them.
///
/// Line ends are looked for in a whole block at once, and kept as bits: most lines are short, and a search for
/// each end would begin and stop too often.
#[derive(Clone, Debug)]
pub(super) struct Lines<'a> {
    text: &'a str,
    /// Offset of the next line.
    pub(super) at: usize,
    /// How many lines were handed out.
    pub(super) count: u32,
    /// The end of the block that was searched last.
    searched: usize,
    /// The line ends in that block from `at` on, a bit for each byte.
    ends: u64,
    /// The end of the last block with a `<` in it.
    angle: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str) -> Lines<'a> {
        Lines { text, at: 0, count: 0, searched: 0, ends: 0, angle: 0 }
    }

    /// The next line. `None` at the end of the text and at a line that is too long, which stays where it is.
    #[inline(always)]
    pub(super) fn next(&mut self) -> Option<Range<usize>> {
        let (text, start) = (self.text.as_bytes(), self.at);
        if start == text.len() {
            return None;
        }
        let end = self.end();
        // Without its `\n` the last line must leave room in the scanner's buffer.
        if end - start >= MAX_LINE {
            return None;
        }
        self.step_over(end);
        let mut line = &text[start..end];
        while let [rest @ .., b'\r'] = line {
            line = rest;
        }
        Some(start..start + line.len())
    }

    /// Steps over the line that was too long. `None` at the end of the text.
    pub(super) fn skip_long(&mut self) -> Option<TextRange> {
        let start = self.at;
        if start == self.text.len() {
            return None;
        }
        let end = self.end();
        self.step_over(end);
        Some(TextRange::new(start, end))
    }

    /// The place of the next `\n`, or the end of the text.
    #[inline(always)]
    fn end(&mut self) -> usize {
        if self.ends == 0 && !self.search() {
            return self.text.len();
        }
        self.searched - BLOCK + self.ends.trailing_zeros() as usize
    }

    /// Whether there may be a `<` in what was handed out from `start` on. It is a guess, but never wrongly no.
    pub(super) fn may_have_angle(&self, start: usize) -> bool {
        self.angle > start
    }

    /// Whether there is a line end in what was not searched yet.
    #[inline(never)]
    fn search(&mut self) -> bool {
        while self.ends == 0 {
            let rest = &self.text.as_bytes()[self.searched.min(self.text.len())..];
            if rest.is_empty() {
                return false;
            }
            let mut last_block = [0; BLOCK];
            let block = rest.first_chunk().unwrap_or_else(|| {
                last_block[..rest.len()].copy_from_slice(rest);
                &last_block
            });
            self.searched += BLOCK;
            self.ends = line_ends(block);
            if block.iter().fold(false, |found, &byte| found | (byte == b'<')) {
                self.angle = self.searched;
            }
        }
        true
    }

    fn step_over(&mut self, end: usize) {
        self.at = (end + 1).min(self.text.len());
        self.count += 1;
        // The lowest bit is that of `end`.
        self.ends &= self.ends.wrapping_sub(1);
    }
}

const BLOCK: usize = 64;

/// A bit for each `\n`. There is no branch, so that the compiler makes vector code of it.
fn line_ends(block: &[u8; BLOCK]) -> u64 {
    let mut bits = [0u8; BLOCK];
    for (idx, (bit, &byte)) in bits.iter_mut().zip(block).enumerate() {
        *bit = if byte == b'\n' { 1 << (idx % 8) } else { 0 };
    }
    let (chunks, _) = bits.as_chunks::<8>();
    chunks.iter().enumerate().fold(0, |ends, (idx, chunk)| {
        // The highest byte of the product is the sum of all eight.
        let sum = u64::from_le_bytes(*chunk).wrapping_mul(0x0101_0101_0101_0101) >> 56;
        ends | sum << (8 * idx)
    })
}

/// The place of the first byte from `at` on that is none of those.
#[inline(always)]
pub(super) fn skip(bytes: &[u8], mut at: usize, is_one: impl Fn(u8) -> bool) -> usize {
    while at < bytes.len() && is_one(bytes[at]) {
        at += 1;
    }
    at
}

/// Where a part of the text begins if the white space in front of it is left out.
#[inline(always)]
pub(super) fn skip_blanks(text: &str, range: Range<usize>) -> usize {
    let bytes = &text.as_bytes()[..range.end];
    // Most often these are spaces.
    let at = skip(bytes, range.start, |byte| byte == b' ');
    let at = skip(bytes, at, |byte| matches!(byte, b'\t'..=b'\r' | b' '));
    match bytes.get(at) {
        None | Some(0..0x80) => at,
        Some(0x80..) => range.end - text[at..range.end].trim_start().len(),
    }
}

/// A part of the text without the white space at its ends.
#[inline(always)]
pub(super) fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    // Most often there is none.
    match text.as_bytes()[range.clone()] {
        [b'!'..=b'~', .., b'!'..=b'~'] => range,
        _ => trim_blanks(text, range),
    }
}

#[inline(never)]
fn trim_blanks(text: &str, range: Range<usize>) -> Range<usize> {
    let start = skip_blanks(text, range.clone());
    start..start + text[start..range.end].trim_end().len()
}

/// Where a line's content ends in the text, if the line continues: the place of its escape.
///
/// The escape must be the last thing before blanks, and no second escape may stand before it: `a\\` does
/// not continue, and neither does `a\\\`.
#[inline(always)]
pub(super) fn continuation(text: &str, line: Range<usize>, escape: u8) -> Option<usize> {
    let bytes = &text.as_bytes()[..line.end];
    let mut at = bytes.len();
    while at > line.start && matches!(bytes[at - 1], b' ' | b'\t') {
        at -= 1;
    }
    match bytes[line.start..at] {
        [.., before, last] => (last == escape && before != escape).then_some(at - 1),
        [only] => (only == escape).then_some(at - 1),
        [] => None,
    }
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
#[inline(always)]
pub(super) fn role(text: &str, line: Range<usize>) -> LineRole {
    let start = skip_blanks(text, line.clone());
    match text.as_bytes()[start..line.end].first() {
        None => LineRole::Blank,
        Some(b'#') => LineRole::Comment,
        Some(_) => LineRole::Content,
    }
}

/// The logical line that `text` begins with, trimmed.
pub(super) fn joined(text: &str, escape: u8) -> Cow<'_, str> {
    let mut lines = Lines::new(text);
    let Some(mut line) = lines.next() else { return Cow::Borrowed("") };
    let Some(mut end) = continuation(text, line.clone(), escape) else {
        return Cow::Borrowed(text[line].trim());
    };
    let mut joined = String::with_capacity(text.len());
    loop {
        joined.push_str(&text[line.start..end]);
        let mut rest = std::iter::from_fn(|| lines.next());
        let Some(next) = rest.find(|it| role(text, it.clone()) == LineRole::Content) else { break };
        line = next;
        match continuation(text, line.clone(), escape) {
            Some(at) => end = at,
            None => {
                joined.push_str(&text[line]);
                break;
            }
        }
    }
    Cow::Owned(joined.trim().to_owned())
}

/// The blank lines that an instruction goes on over, with their ends. `text` is the file from its first line on.
pub(super) fn blank_lines(text: &str, escape: u8) -> Vec<Range<usize>> {
    let mut lines = Lines::new(text);
    let mut blank = Vec::new();
    let mut next = lines.next().filter(|line| continuation(text, line.clone(), escape).is_some());
    while next.is_some() {
        let start = lines.at;
        next = match lines.next() {
            None => None,
            Some(line) => match role(text, line.clone()) {
                LineRole::Comment => Some(line),
                LineRole::Blank => {
                    blank.push(start..lines.at);
                    Some(line)
                }
                LineRole::Content => {
                    Some(line).filter(|line| continuation(text, line.clone(), escape).is_some())
                }
            },
        };
    }
    blank
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
#[derive(Clone, Debug)]
pub(super) struct Logical<'a> {
    source: &'a str,
    /// The first piece and its text. Most lines have no other.
    first: Piece,
    first_text: &'a str,
    /// All pieces, and their texts put together; empty as long as there is just one.
    pieces: Vec<Piece>,
    joined: String,
}

impl<'a> Logical<'a> {
    pub(super) fn new(source: &'a str) -> Logical<'a> {
        let first = Piece { joined: 0, source: 0, source_end: 0 };
        Logical { source, first, first_text: "", pieces: Vec::new(), joined: String::new() }
    }

    /// Starts again with one piece of the source.
    pub(super) fn reset(&mut self, piece: Range<usize>) {
        self.first = Piece { joined: 0, source: piece.start, source_end: piece.end };
        self.first_text = &self.source[piece];
        self.pieces.clear();
        self.joined.clear();
    }

    /// Appends a piece of the source.
    #[inline(always)]
    pub(super) fn push(&mut self, piece: Range<usize>) {
        if piece.is_empty() {
            return;
        }
        if self.pieces.is_empty() {
            if self.first_text.is_empty() {
                return self.reset(piece);
            }
            self.begin_to_join();
        }
        self.pieces.push(Piece { joined: self.joined.len(), source: piece.start, source_end: piece.end });
        self.joined.push_str(&self.source[piece]);
    }

    #[cold]
    fn begin_to_join(&mut self) {
        // Rather once too much than often too little: it cannot become longer than what is left.
        self.joined.reserve((self.source.len() - self.first.source).min(8 * 1024));
        self.pieces.reserve(16);
        self.pieces.push(self.first);
        self.joined.push_str(self.first_text);
    }

    /// The text of the whole logical line.
    #[inline]
    pub(super) fn text(&self) -> &str {
        if self.pieces.is_empty() { self.first_text } else { &self.joined }
    }

    fn pieces(&self) -> &[Piece] {
        if self.pieces.is_empty() { std::slice::from_ref(&self.first) } else { &self.pieces }
    }

    /// Where a range of the logical line stands in the source: from its first byte to its last.
    #[inline(always)]
    pub(super) fn source_range(&self, range: Range<usize>) -> TextRange {
        if self.pieces.is_empty() {
            let offset = self.first.source;
            return TextRange { start: offset + range.start, end: offset + range.end };
        }
        self.source_range_of_pieces(range)
    }

    #[inline(never)]
    fn source_range_of_pieces(&self, range: Range<usize>) -> TextRange {
        let first = self.piece_at(range.start);
        let in_source = |piece: Piece, at: usize| (piece.source + (at - piece.joined)).min(piece.source_end);
        let start = in_source(first, range.start);
        if range.is_empty() {
            return TextRange::empty(start);
        }
        // The end belongs to the piece of the last byte, not to the one that begins there.
        let is_one = range.end - first.joined <= first.source_end - first.source;
        let last = if is_one { first } else { self.piece_at(range.end - 1) };
        TextRange { start, end: in_source(last, range.end).max(start) }
    }

    /// The parts of a range of the logical line, piece by piece in the source.
    pub(super) fn source_pieces(&self, range: Range<usize>) -> impl Iterator<Item = TextRange> + '_ {
        let pieces = self.pieces();
        let first = pieces.partition_point(|piece| piece.joined <= range.start).saturating_sub(1);
        let touched = pieces[first..].iter().take_while(move |piece| piece.joined < range.end);
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
        let pieces = self.pieces();
        let joined = |offset: usize| {
            let after = pieces.partition_point(|piece| piece.source <= offset);
            let piece = pieces[after.saturating_sub(1)];
            piece.joined + (offset.clamp(piece.source, piece.source_end) - piece.source)
        };
        let start = joined(range.start);
        start..joined(range.end).max(start)
    }

    /// A range of the logical line as a word. It borrows from the source unless it crosses a line end.
    #[inline(always)]
    pub(super) fn word(&self, range: Range<usize>) -> Word<'a> {
        if self.pieces.is_empty() {
            return Word {
                text: Cow::Borrowed(&self.first_text[range.clone()]),
                range: self.source_range(range),
            };
        }
        self.word_of_pieces(range)
    }

    #[inline(never)]
    fn word_of_pieces(&self, range: Range<usize>) -> Word<'a> {
        let source_range = self.source_range(range.clone());
        // Equal lengths mean one piece, except for a character that was cut (see `starting_inside_character`).
        let text = if source_range.len() == range.len() && !self.is_rewritten() {
            Cow::Borrowed(source_range.of(self.source))
        } else {
            Cow::Owned(self.joined[range].to_owned())
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
        Logical { joined, pieces, ..Logical::new(self.source) }
    }

    /// Whether the text begins with characters that do not stand in the source.
    fn is_rewritten(&self) -> bool {
        self.pieces.first().is_some_and(|first| first.source == first.source_end)
    }

    /// Where the last piece ends in the source.
    pub(super) fn source_end(&self) -> usize {
        self.pieces.last().unwrap_or(&self.first).source_end
    }

    fn piece_at(&self, offset: usize) -> Piece {
        let pieces = self.pieces();
        match pieces {
            [.., last] if last.joined <= offset => *last,
            [first, second, ..] if offset < second.joined => *first,
            _ => pieces[pieces.partition_point(|piece| piece.joined <= offset).saturating_sub(1)],
        }
    }
}
