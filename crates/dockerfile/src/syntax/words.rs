//! From the text behind the flags to arguments (BuildKit's `parser/line_parsers.go`).
//!
//! Two kinds of white space are at work: [`ArgForm::Words`] splits at ASCII blanks only, ENV, LABEL and ARG
//! split at Unicode white space, but keep quotes and escapes, which expansion takes out later.

use std::borrow::Cow;
use std::ops::Range;

use super::flags::is_latin1_space;
use super::instructions::ArgForm;
use super::lines::{self, Logical};
use super::{Word, go, json};
use crate::text::TextRange;

/// The arguments of an instruction.
#[derive(Debug, Default)]
pub(super) struct Args<'a> {
    pub(super) words: Vec<Word<'a>>,
    pub(super) json: bool,
    pub(super) fault: Option<Fault>,
}

/// An error, before anybody knows the line.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) range: TextRange,
    pub(super) help: Option<&'static str>,
}

/// What to do about a `#` behind an instruction.
pub(super) const NO_COMMENT_HERE: &str =
    "A comment cannot follow an instruction on its line; move it to a line of its own above";

impl Fault {
    pub(super) fn new(message: impl Into<String>, range: TextRange, help: Option<&'static str>) -> Fault {
        Fault { message: message.into(), range, help }
    }
}

/// Blanks at which BuildKit splits a line (`[\t\v\f\r ]`).
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b'\t' | 0x0b | 0x0c | b'\r' | b' ')
}

/// `range` without the white space at its ends.
pub(super) fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let inner = &text[range.clone()];
    let start = range.start + (inner.len() - lines::trim_start(inner).len());
    let end = start + lines::trim_end(&text[start..range.end]).len();
    start..end
}

/// Splits `range`, which is trimmed, as `form` says.
pub(super) fn split<'a>(
    form: ArgForm,
    keyword: &'static str,
    logical: &Logical<'a>,
    range: Range<usize>,
    escape: u8,
) -> Args<'a> {
    match form {
        ArgForm::Words => blank_separated(logical, range),
        ArgForm::JsonOrWords => {
            json_array(logical, range.clone()).unwrap_or_else(|| blank_separated(logical, range))
        }
        ArgForm::JsonOrShell => json_array(logical, range.clone()).unwrap_or_else(|| whole(logical, range)),
        ArgForm::Whole => whole(logical, range),
        ArgForm::Pairs => pairs(keyword, logical, range, escape),
        ArgForm::Names => {
            let words = QuotedWords::new(logical.text(), range, escape);
            Args { words: words.map(|word| logical.word(word)).collect(), ..Args::default() }
        }
        ArgForm::Healthcheck => healthcheck(logical, range),
        // The child of ONBUILD is read by whoever reads instructions.
        ArgForm::Instruction => Args::default(),
        ArgForm::Ignored => Args { words: vec![logical.word(range.start..range.start)], ..Args::default() },
    }
}

fn whole<'a>(logical: &Logical<'a>, range: Range<usize>) -> Args<'a> {
    let words = if range.is_empty() { Vec::new() } else { vec![logical.word(range)] };
    Args { words, ..Args::default() }
}

fn blank_separated<'a>(logical: &Logical<'a>, range: Range<usize>) -> Args<'a> {
    let bytes = &logical.text().as_bytes()[..range.end];
    let mut words = Vec::new();
    let mut at = range.start;
    while at < bytes.len() {
        let len = bytes[at..].iter().take_while(|&&byte| !is_blank(byte)).count();
        words.push(logical.word(at..at + len));
        at += len;
        at += bytes[at..].iter().take_while(|&&byte| is_blank(byte)).count();
    }
    Args { words, ..Args::default() }
}

fn json_array<'a>(logical: &Logical<'a>, range: Range<usize>) -> Option<Args<'a>> {
    let text = &logical.text()[range.clone()];
    if !text.starts_with('[') {
        return None;
    }
    let mut args = Args { json: true, ..Args::default() };
    json::array(text, |element| {
        let place = range.start + element.range.start..range.start + element.range.end;
        match element.string {
            Some(string) => {
                let text = match string {
                    // Without an escape it stands in the text as it is.
                    Cow::Borrowed(_) => logical.word(place.start + 1..place.end - 1).text,
                    Cow::Owned(string) => Cow::Owned(string),
                };
                args.words.push(Word { text, range: logical.source_range(place) });
            }
            None if args.fault.is_none() => {
                args.fault = Some(Fault {
                    message: "when using JSON array syntax, arrays must be comprised of strings only"
                        .to_owned(),
                    range: logical.source_range(place),
                    help: Some("Put double quotes around every element of the array"),
                });
            }
            None => {}
        }
    })?;
    Some(args)
}

/// The words of `range` with quotes and escapes kept (`parseWords`).
///
/// Outside quotes and in double quotes the escape takes the next character with it; at the very end it is
/// dropped. An unbalanced quote is no error here.
struct QuotedWords<'t> {
    text: &'t str,
    at: usize,
    escape: u8,
}

impl<'t> QuotedWords<'t> {
    fn new(text: &'t str, range: Range<usize>, escape: u8) -> QuotedWords<'t> {
        QuotedWords { text: &text[..range.end], at: range.start, escape }
    }

    /// Steps over one word; gives its end.
    fn word(&mut self) -> usize {
        let (text, bytes) = (self.text, self.text.as_bytes());
        let mut at = self.at;
        let mut quote = None;
        loop {
            at += bytes[at..].iter().take_while(|&&byte| IS_PLAIN[usize::from(byte)]).count();
            self.at = at;
            let Some(&byte) = bytes.get(at) else { return at };
            match quote {
                None if byte == b'\'' || byte == b'"' => quote = Some(byte),
                None if space_len(&text[at..]) > 0 => return at,
                Some(open) if byte == open => quote = None,
                None | Some(_) => {}
            }
            at += char_len(byte);
            if byte == self.escape && quote != Some(b'\'') {
                match text[at..].chars().next() {
                    Some(escaped) => at += escaped.len_utf8(),
                    None => {
                        self.at = at;
                        return at - 1;
                    }
                }
            }
        }
    }
}

impl Iterator for QuotedWords<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        self.at = self.text.len() - lines::trim_start(&self.text[self.at..]).len();
        let start = self.at;
        let end = self.word();
        // A lone escape at the very end leaves nothing.
        (start < end).then_some(start..end)
    }
}

/// Which bytes mean nothing but themselves in a word, whatever the escape.
const IS_PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = b'!';
    while byte <= b'~' {
        plain[byte as usize] = !matches!(byte, b'"' | b'\'' | b'\\' | b'`');
        byte += 1;
    }
    plain
};

/// The length of the character that begins with `byte`.
fn char_len(byte: u8) -> usize {
    match byte {
        0..0xc0 => 1,
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0.. => 4,
    }
}

/// How many bytes of white space `text` starts with: one character's, or none.
fn space_len(text: &str) -> usize {
    match text.as_bytes()[0] {
        b'\t'..=b'\r' | b' ' => 1,
        0..0x80 => 0,
        // The bytes that a white space character outside ASCII can begin with.
        0xc2 | 0xe1 | 0xe2 | 0xe3 => {
            text.chars().next().filter(|c| c.is_whitespace()).map_or(0, char::len_utf8)
        }
        _ => 0,
    }
}

/// `key=value …`, or `key value` if the first word has no `=` (`parseNameVal`).
fn pairs<'a>(keyword: &str, logical: &Logical<'a>, range: Range<usize>, escape: u8) -> Args<'a> {
    let text = logical.text();
    let words = QuotedWords::new(text, range.clone(), escape);
    let find_equals = |word: Range<usize>| text.as_bytes()[word].iter().position(|&byte| byte == b'=');
    let mut args = Args::default();
    let mut words = words.peekable();
    let Some(first) = words.peek() else { return args };
    if find_equals(first.clone()).is_none() {
        let bytes = &text.as_bytes()[range.clone()];
        let key = range.start..range.start + bytes.iter().take_while(|&&byte| !is_blank(byte)).count();
        let blanks = text.as_bytes()[key.end..range.end].iter().take_while(|&&byte| is_blank(byte)).count();
        if blanks == 0 {
            args.fault = Some(Fault {
                message: format!("{keyword} must have two arguments"),
                range: logical.source_range(key),
                help: Some("Write the name, an equals sign and the value: NAME=value"),
            });
            return args;
        }
        args.words = vec![
            logical.word(key.clone()),
            logical.word(key.end + blanks..range.end),
            logical.word(key.end..key.end),
        ];
        return args;
    }
    for word in words {
        let Some(key_len) = find_equals(word.clone()) else {
            if args.fault.is_none() {
                let shown = go::quote(&text[word.clone()]);
                let is_comment = text[word.clone()].starts_with('#');
                args.fault = Some(Fault {
                    message: format!(
                        "Syntax error - can't find = in {shown}. Must be of the form: name=value"
                    ),
                    range: logical.source_range(word),
                    help: Some(match is_comment {
                        true => NO_COMMENT_HERE,
                        false => "Put a value with spaces in it in double quotes: NAME=\"some value\"",
                    }),
                });
            }
            continue;
        };
        let equals = word.start + key_len;
        args.words.push(logical.word(word.start..equals));
        args.words.push(logical.word(equals + 1..word.end));
        args.words.push(logical.word(equals..equals + 1));
    }
    args
}

/// The type and the command (`parseHealthConfig`). BuildKit looks for the end of the type byte by byte.
fn healthcheck<'a>(logical: &Logical<'a>, range: Range<usize>) -> Args<'a> {
    let text = logical.text();
    let bytes = &text.as_bytes()[range.clone()];
    let type_len = bytes.iter().take_while(|&&byte| !is_latin1_space(byte)).count();
    if type_len == 0 {
        return Args::default();
    }
    let type_end = range.start + type_len;
    let rest = type_end + bytes[type_len..].iter().take_while(|&&byte| is_latin1_space(byte)).count();
    let type_word = match (type_end..=range.end).find(|&at| text.is_char_boundary(at)) {
        Some(end) if end > type_end => {
            // A "space" inside a character: what is left of it is shown as U+FFFD, byte by byte.
            let kept =
                (range.start..type_end).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(range.start);
            let shown = text[range.start..kept].to_owned() + &"\u{fffd}".repeat(type_end - kept);
            Word { text: Cow::Owned(shown), range: logical.source_range(range.start..end) }
        }
        Some(_) | None => logical.word(range.start..type_end),
    };
    let mut args = if text.is_char_boundary(rest) {
        json_array(logical, rest..range.end).unwrap_or_else(|| whole(logical, rest..range.end))
    } else {
        let logical = logical.starting_inside_character(rest);
        let range = trim(logical.text(), 0..logical.text().len());
        whole(&logical, range)
    };
    args.words.insert(0, type_word);
    args
}
