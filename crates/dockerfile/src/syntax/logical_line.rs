//! The logical line of one instruction, for those who ask what stands at a place of the source.
//!
//! The parser forgets its logical lines; this puts one together again. Places in what the parser leaves out count as
//! the nearest place that it keeps, and it is told apart whether they are in a comment or behind an escape.

use std::ops::Range;

use super::Instruction;
use super::highlight::{self, TokenKind};
use super::lines::Logical;
use crate::text::TextRange;

/// An instruction without its heredocs, on one line.
pub(crate) struct LogicalLine<'a> {
    logical: Logical<'a>,
    header: TextRange,
    gaps: Vec<(TextRange, TokenKind)>,
}

impl<'a> LogicalLine<'a> {
    /// The line of `instruction`, which was read from `text`.
    pub(crate) fn new(text: &'a str, instruction: &Instruction<'_>, escape: char) -> LogicalLine<'a> {
        let TextRange { start, end } = instruction.range;
        let end = instruction.heredocs.first().map_or(end, |heredoc| heredoc.body.start);
        let header = TextRange::new(start, end.max(start));
        let (logical, gaps) = highlight::rejoin(text, header, escape);
        LogicalLine { logical, header, gaps }
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        self.logical.text()
    }

    /// Where it stands in the source, what is left out between its pieces included.
    pub(crate) fn header(&self) -> TextRange {
        self.header
    }

    /// The place in the line of a place in the source.
    pub(crate) fn place(&self, offset: usize) -> usize {
        self.logical.joined_range(TextRange::empty(offset)).start
    }

    /// The range in the line of a range in the source.
    pub(crate) fn range(&self, range: TextRange) -> Range<usize> {
        self.logical.joined_range(range)
    }

    /// Where a range of the line stands in the source.
    pub(crate) fn source(&self, range: Range<usize>) -> TextRange {
        self.logical.source_range(range)
    }

    /// Whether the last line ends with an escape, so that the next would belong to it.
    pub(crate) fn is_open(&self) -> bool {
        let last = self.gaps.iter().rfind(|(_, kind)| *kind == TokenKind::Continuation);
        last.is_some_and(|(gap, _)| self.logical.source_end() <= gap.start)
    }

    /// Whether nothing typed at `offset` could become a part of the line: it is in a comment, or behind an escape.
    pub(crate) fn leaves_out(&self, text: &str, offset: usize) -> bool {
        let line_end = |from: usize| text[from..].find('\n').map_or(text.len(), |len| from + len);
        self.gaps.iter().any(|(gap, kind)| match kind {
            TokenKind::Comment => {
                let start = text[..gap.start].rfind('\n').map_or(0, |at| at + 1);
                start < offset && offset <= gap.end
            }
            TokenKind::Continuation => gap.end <= offset && offset <= line_end(gap.end),
            _ => false,
        })
    }
}
