//! From the text behind the flags to arguments (BuildKit's `parser/line_parsers.go`).
//!
//! Two kinds of white space are at work: [`ArgForm::Words`] splits at ASCII blanks only, ENV, LABEL and ARG
//! split at Unicode white space, but keep quotes and escapes, which expansion takes out later.

use std::borrow::Cow;
use std::ops::Range;

use super::flags::is_latin1_space;
use super::instructions::ArgForm;
use super::lines::{self, Logical};
use super::{Instruction, Word, go, json};
use crate::text::TextRange;

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

/// Splits `range`, which is trimmed, into the arguments of `instruction`.
pub(super) fn split<'a>(
    instruction: &mut Instruction<'a>,
    logical: &Logical<'a>,
    range: Range<usize>,
    escape: u8,
) -> Result<(), Fault> {
    match instruction.kind.row().form {
        ArgForm::Words => blank_separated(instruction, logical, range),
        ArgForm::JsonOrWords => match json_array(instruction, logical, range.clone()) {
            Some(res) => return res,
            None => blank_separated(instruction, logical, range),
        },
        ArgForm::JsonOrShell => match json_array(instruction, logical, range.clone()) {
            Some(res) => return res,
            None => whole(instruction, logical, range),
        },
        ArgForm::Whole => whole(instruction, logical, range),
        ArgForm::Pairs => return pairs(instruction, logical, range, escape),
        ArgForm::Names => {
            for word in QuotedWords::new(logical.text(), range, escape) {
                instruction.args.push(logical.word(word));
            }
        }
        ArgForm::Healthcheck => return healthcheck(instruction, logical, range),
        // The child of ONBUILD is read by whoever reads instructions.
        ArgForm::Instruction => {}
        ArgForm::Ignored => instruction.args.push(logical.word(range.start..range.start)),
    }
    Ok(())
}

fn whole<'a>(instruction: &mut Instruction<'a>, logical: &Logical<'a>, range: Range<usize>) {
    if !range.is_empty() {
        instruction.args.push(logical.word(range));
    }
}

fn blank_separated<'a>(instruction: &mut Instruction<'a>, logical: &Logical<'a>, range: Range<usize>) {
    let bytes = &logical.text().as_bytes()[..range.end];
    let mut at = range.start;
    while at < bytes.len() {
        let end = lines::skip(bytes, at, |byte| !is_blank(byte));
        instruction.args.push(logical.word(at..end));
        at = lines::skip(bytes, end, is_blank);
    }
}

/// `None` if it is no JSON array.
fn json_array<'a>(
    instruction: &mut Instruction<'a>,
    logical: &Logical<'a>,
    range: Range<usize>,
) -> Option<Result<(), Fault>> {
    let text = logical.text();
    if text.as_bytes().get(range.start) != Some(&b'[') {
        return None;
    }
    let mut res = Ok(());
    let array = json::array(&text[range.clone()], |element| {
        let place = range.start + element.range.start..range.start + element.range.end;
        match element.string {
            Some(string) => {
                let text = match string {
                    // Without an escape it stands in the text as it is.
                    Cow::Borrowed(_) => logical.word(place.start + 1..place.end - 1).text,
                    Cow::Owned(string) => Cow::Owned(string),
                };
                instruction.args.push(Word { text, range: logical.source_range(place) });
            }
            None if res.is_ok() => {
                res = Err(Fault {
                    message: "when using JSON array syntax, arrays must be comprised of strings only"
                        .to_owned(),
                    range: logical.source_range(place),
                    help: Some("Put double quotes around every element of the array"),
                });
            }
            None => {}
        }
    });
    if array.is_none() {
        instruction.args.clear();
        return None;
    }
    instruction.json = true;
    Some(res)
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
            at = lines::skip(bytes, at, |byte| IS_PLAIN[usize::from(byte)]);
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
        self.at = lines::skip_blanks(self.text, self.at..self.text.len());
        let start = self.at;
        let end = self.word();
        // A lone escape at the very end leaves nothing.
        (start < end).then_some(start..end)
    }
}

/// Which bytes mean nothing but themselves in a word, whatever the escape.
pub(super) const IS_PLAIN: [bool; 256] = {
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
fn pairs<'a>(
    instruction: &mut Instruction<'a>,
    logical: &Logical<'a>,
    range: Range<usize>,
    escape: u8,
) -> Result<(), Fault> {
    let text = logical.text();
    let mut words = QuotedWords::new(text, range.clone(), escape);
    let find_equals = |word: Range<usize>| text.as_bytes()[word].iter().position(|&byte| byte == b'=');
    let Some(mut word) = words.next() else { return Ok(()) };
    if find_equals(word.clone()).is_none() {
        return legacy_pair(instruction, logical, range);
    }
    let mut res = Ok(());
    loop {
        match find_equals(word.clone()) {
            Some(key_len) => {
                let equals = word.start + key_len;
                instruction.args.push(logical.word(word.start..equals));
                instruction.args.push(logical.word(equals + 1..word.end));
                instruction.args.push(logical.word(equals..equals + 1));
            }
            None if res.is_ok() => {
                let shown = go::quote(&text[word.clone()]);
                let is_comment = text[word.clone()].starts_with('#');
                res = Err(Fault {
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
            None => {}
        }
        match words.next() {
            Some(next) => word = next,
            None => return res,
        }
    }
}

/// `key value`: everything behind the key is one value.
fn legacy_pair<'a>(
    instruction: &mut Instruction<'a>,
    logical: &Logical<'a>,
    range: Range<usize>,
) -> Result<(), Fault> {
    let bytes = &logical.text().as_bytes()[..range.end];
    let key = range.start..lines::skip(bytes, range.start, |byte| !is_blank(byte));
    let value = lines::skip(bytes, key.end, is_blank)..range.end;
    if value.start == key.end {
        return Err(Fault {
            message: format!("{} must have two arguments", instruction.kind.keyword()),
            range: logical.source_range(key),
            help: Some("Write the name, an equals sign and the value: NAME=value"),
        });
    }
    instruction.args.push(logical.word(key.clone()));
    instruction.args.push(logical.word(value));
    instruction.args.push(logical.word(key.end..key.end));
    Ok(())
}

/// The type and the command (`parseHealthConfig`). BuildKit looks for the end of the type byte by byte.
fn healthcheck<'a>(
    instruction: &mut Instruction<'a>,
    logical: &Logical<'a>,
    range: Range<usize>,
) -> Result<(), Fault> {
    let text = logical.text();
    let bytes = &text.as_bytes()[..range.end];
    let type_end = lines::skip(bytes, range.start, |byte| !is_latin1_space(byte));
    if type_end == range.start {
        return Ok(());
    }
    let rest = lines::skip(bytes, type_end, is_latin1_space);
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
    let mut res = Ok(());
    if !text.is_char_boundary(rest) {
        let logical = logical.starting_inside_character(rest);
        let range = lines::trim(logical.text(), 0..logical.text().len());
        whole(instruction, &logical, range);
    } else if let Some(array) = json_array(instruction, logical, rest..range.end) {
        res = array;
    } else {
        whole(instruction, logical, rest..range.end);
    }
    // The type comes first.
    instruction.args.push(type_word);
    instruction.args.rotate_right(1);
    res
}
