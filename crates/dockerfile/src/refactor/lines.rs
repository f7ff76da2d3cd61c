//! Whole lines: where one can be put in above an instruction, and what goes when an instruction does.
//!
//! Surprising: BuildKit gives the comments above an instruction to it over blank lines as well. Those right above it
//! are taken to be about it, and go with it; directives never do, since they have to stay at the top.

use crate::edit::TextEdit;
use crate::stages::{to_lower, to_upper};
use crate::syntax::{Flag, Instruction, Parse, Word};
use crate::text::TextRange;

/// Where an instruction and the comments right above it begin; each is the start of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Top {
    /// The first of the comments, or the instruction if there is none.
    pub(crate) comments: usize,
    /// The instruction.
    pub(crate) instruction: usize,
}

/// Where the lines of an instruction begin.
pub(crate) fn top(text: &str, parse: &Parse<'_>, instruction: &Instruction<'_>) -> Top {
    let index = parse.instructions.partition_point(|it| it.range.start < instruction.range.start);
    let before = index.checked_sub(1).and_then(|index| parse.instructions.get(index));
    let mut at = match before {
        Some(before) => line_end(text, before.range.end),
        None if text.starts_with('\u{feff}') => '\u{feff}'.len_utf8(),
        None => 0,
    };
    let mut comments = None;
    loop {
        let end = line_end(text, at);
        let line = text[at..end].trim();
        let is_comment = line.starts_with('#') && end <= instruction.range.start;
        if is_comment && !is_directive(parse, TextRange::new(at, end)) && !(at == 0 && line.starts_with("#!"))
        {
            comments.get_or_insert(at);
        } else if is_comment || line.is_empty() {
            comments = None;
        } else {
            return Top { comments: comments.unwrap_or(at), instruction: at };
        }
        if end >= text.len() {
            return Top { comments: at, instruction: at };
        }
        at = end;
    }
}

fn is_directive(parse: &Parse<'_>, line: TextRange) -> bool {
    let detected = [&parse.detected.syntax, &parse.detected.check, &parse.detected.escape];
    let detected = detected.into_iter().flatten().map(|it| it.full.range);
    let directives = parse.directives.iter().map(|it| it.value.range);
    directives.chain(detected).any(|range| line.contains_range(range))
}

/// The start of the line behind the one that `offset` lies in.
pub(crate) fn line_end(text: &str, offset: usize) -> usize {
    text[offset..].find('\n').map_or(text.len(), |len| offset + len + 1)
}

/// Puts a line in above an instruction and its comments.
pub(crate) fn insert_above(
    text: &str,
    parse: &Parse<'_>,
    instruction: &Instruction<'_>,
    line: &str,
) -> TextEdit {
    TextEdit::insert(top(text, parse, instruction).comments, format!("{line}{}", newline(text)))
}

/// Takes out an instruction, and the comments right above it.
pub(crate) fn remove(text: &str, parse: &Parse<'_>, instruction: &Instruction<'_>) -> TextEdit {
    let start = top(text, parse, instruction).comments;
    TextEdit::delete(TextRange::new(start, line_end(text, instruction.range.end)))
}

/// How the lines of a text end.
pub(crate) fn newline(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        Some(_) | None => "\n",
    }
}

/// A keyword in the case in which another one is written.
pub(crate) fn in_case_of(other: &str, keyword: &str) -> String {
    let is_lower = to_lower(other) == other && to_upper(other) != other;
    if is_lower { keyword.to_ascii_lowercase() } else { keyword.to_ascii_uppercase() }
}

/// Whether a word stands in the file as it is: nothing was taken out of it, and no line ends in it.
pub(crate) fn is_verbatim(word: &Word<'_>) -> bool {
    word.text.len() == word.range.len()
}

/// Takes out a flag with the blanks behind it.
pub(crate) fn remove_flag(text: &str, flag: &Flag<'_>) -> TextEdit {
    let blanks = text[flag.range.end..].bytes().take_while(|it| matches!(it, b' ' | b'\t')).count();
    TextEdit::delete(TextRange::new(flag.range.start, flag.range.end + blanks))
}

/// A text in double quotes, with an escape wherever a character would mean something in them.
pub(crate) fn in_double_quotes(text: &str, escape: char) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for char in text.chars() {
        if char == '"' || char == '$' || char == escape {
            out.push(escape);
        }
        out.push(char);
    }
    out.push('"');
    out
}
