//! The flags in front of an instruction's arguments (BuildKit's `parser/split_command.go`).
//!
//! BuildKit walks through the flags byte by byte and takes each byte for a Latin-1 character. Hence text
//! outside ASCII is garbled (`--from=é` asks for `Ã©`), and the bytes 0x85 and 0xA0 are white space even in
//! the middle of a UTF-8 character. The arguments behind the flags are not garbled.

use std::borrow::Cow;
use std::ops::Range;

use super::Flag;
use super::lines::{self, Logical};
use super::words::IS_PLAIN;
use crate::text::TextRange;

/// White space of Latin-1, as the byte-wise readers of BuildKit see it.
pub(super) fn is_latin1_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ' | 0x85 | 0xa0)
}

/// Takes the flags off the front of `range`, into `flags`. Gives the place of the rest, which may lie inside a
/// character. A word `--` alone ends the flags and is dropped.
#[inline(always)]
pub(super) fn split<'a>(
    logical: &Logical<'a>,
    range: Range<usize>,
    escape: u8,
    flags: &mut Vec<Flag<'a>>,
) -> usize {
    // Most instructions have none.
    match logical.text().as_bytes()[range.clone()].first() {
        Some(b'!'..=b',' | b'.'..=b'~') => range.start,
        _ => split_some(logical, range, escape, flags),
    }
}

#[inline(never)]
fn split_some<'a>(
    logical: &Logical<'a>,
    range: Range<usize>,
    escape: u8,
    flags: &mut Vec<Flag<'a>>,
) -> usize {
    let bytes = &logical.text().as_bytes()[..range.end];
    let mut at = range.start;
    loop {
        at = lines::skip(bytes, at, is_latin1_space);
        if !bytes[at..].starts_with(b"--") {
            return at;
        }
        let raw = read(bytes, at, escape);
        at = raw.end;
        if raw.is_end_of_flags() {
            return at;
        }
        flags.push(raw.flag(logical));
    }
}

/// A flag as it was read.
struct RawFlag {
    start: usize,
    end: usize,
    /// The place of the first `=` that is left when quotes and escapes are gone.
    equals: Option<usize>,
    /// The text, if it is not the same as in the source, and the place of that `=` in it.
    rewritten: Option<(String, Option<usize>)>,
}

fn read(bytes: &[u8], start: usize, escape: u8) -> RawFlag {
    let is_plain = |byte: u8| IS_PLAIN[usize::from(byte)] || (matches!(byte, b'\\' | b'`') && byte != escape);
    let end = lines::skip(bytes, start, is_plain);
    let equals = bytes[start..end].iter().position(|&byte| byte == b'=').map(|at| start + at);
    if end == bytes.len() || is_latin1_space(bytes[end]) {
        return RawFlag { start, end, equals, rewritten: None };
    }

    let mut text = String::new();
    let mut raw = RawFlag { start, end: bytes.len(), equals: None, rewritten: None };
    let mut text_equals = None;
    let mut quote = None;
    let mut at = start;
    while at < bytes.len() {
        let mut byte = bytes[at];
        match quote {
            None if is_latin1_space(byte) => {
                raw.end = at;
                break;
            }
            None if byte == b'\'' || byte == b'"' => {
                quote = Some(byte);
                at += 1;
                continue;
            }
            Some(open) if byte == open => {
                quote = None;
                at += 1;
                continue;
            }
            None | Some(_) => {}
        }
        if byte == escape {
            at += 1;
            match bytes.get(at) {
                Some(&escaped) => byte = escaped,
                None => break, // An escape at the end is dropped.
            }
        }
        if byte == b'=' && text_equals.is_none() {
            text_equals = Some(text.len());
            raw.equals = Some(at);
        }
        text.push(char::from(byte));
        at += 1;
    }
    raw.rewritten = Some((text, text_equals));
    raw
}

impl RawFlag {
    /// Whether it is `--` and nothing else.
    fn is_end_of_flags(&self) -> bool {
        self.rewritten.as_ref().map_or(self.end - self.start, |(text, _)| text.len()) == 2
    }

    fn flag<'a>(self, logical: &Logical<'a>) -> Flag<'a> {
        let text = logical.text();
        // The end may lie inside a character that has a "space" in it; a place must not.
        let end = (self.end..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
        let range = logical.source_range(self.start..end);
        let name = self.start + 2..self.equals.unwrap_or(end);
        let value = self.equals.map(|equals| equals + 1..end);
        let (mut name, mut value) = (logical.word(name), value.map(|value| logical.word(value)));
        if let Some((text, equals)) = self.rewritten {
            name.text = Cow::Owned(text[2..equals.unwrap_or(text.len())].to_owned());
            if let (Some(value), Some(equals)) = (&mut value, equals) {
                value.text = Cow::Owned(text[equals + 1..].to_owned());
            }
        }
        // Nothing behind the `=` stands right there, not where the next line begins.
        if let Some(value) = value.as_mut().filter(|value| value.range.is_empty()) {
            value.range = TextRange::empty(range.end);
        }
        Flag { name, value, range }
    }
}
