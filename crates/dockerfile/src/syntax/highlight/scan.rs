//! Strings and variables inside a word, for colours only.
//!
//! It is kinder than the builder: a quote or brace without its partner is text here, not an error.

use std::ops::Range;

/// What to look for in a word.
#[derive(Clone, Copy)]
pub(super) struct Looks {
    pub(super) strings: bool,
    pub(super) variables: bool,
    pub(super) escape: char,
}

#[derive(Default)]
pub(super) struct Found {
    pub(super) strings: Vec<Range<usize>>,
    pub(super) variables: Vec<Range<usize>>,
}

/// Strings and variables in `text`. An unbalanced quote or brace is text, and is looked for only once.
pub(super) fn scan(text: &str, looks: Looks) -> Found {
    let mut found = Found::default();
    let bytes = text.as_bytes();
    let escape = looks.escape as u8;
    let mut in_double = None;
    let mut braces = true;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            byte if byte == escape => at += 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8),
            b'\'' if looks.strings && in_double.is_none() => match text[at + 1..].find('\'') {
                Some(len) => {
                    found.strings.push(at..at + len + 2);
                    at += len + 2;
                }
                None => at += 1,
            },
            b'"' if looks.strings => {
                match in_double.take() {
                    Some(start) => found.strings.push(start..at + 1),
                    None => in_double = Some(at),
                }
                at += 1;
            }
            b'$' if looks.variables => {
                let len = variable_len(&text[at..], escape, &mut braces);
                if len > 1 {
                    found.variables.push(at..at + len);
                }
                at += len;
            }
            _ => at += 1,
        }
    }
    found
}

/// The length of the variable that `text` starts with; 1 if the `$` begins none.
fn variable_len(text: &str, escape: u8, braces: &mut bool) -> usize {
    let rest = &text[1..];
    let name_len = |rest: &str| match rest.chars().next() {
        Some(c) if c.is_numeric() => rest.find(|c: char| !c.is_numeric()).unwrap_or(rest.len()),
        Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => 1,
        Some(_) | None => rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len()),
    };
    if !rest.starts_with('{') {
        return 1 + name_len(rest);
    }
    if *braces {
        let mut depth = 0;
        let mut escaped = false;
        for (offset, byte) in text.bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                _ if byte == escape => escaped = true,
                b'{' if text.as_bytes()[offset - 1] == b'$' => depth += 1,
                b'}' => {
                    depth -= 1;
                    if depth == 0 {
                        return offset + 1;
                    }
                }
                _ => {}
            }
        }
        *braces = false;
    }
    2 + name_len(&rest[1..])
}
