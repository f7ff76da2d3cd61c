//! JSON arrays of strings, by the rules of Go's `encoding/json` (BuildKit's `parser/line_parsers.go`).
//!
//! What is not a complete, valid array is no error: BuildKit then reads the text in the shell form. A valid
//! array with something else than strings in it is one. Invalid numbers count as invalid JSON, and so do
//! numbers too large for a 64-bit float, because Go fails to decode them.

use std::borrow::Cow;
use std::ops::Range;

use super::lines;

/// Go stops reading at this depth.
const MAX_DEPTH: usize = 10_000;

/// An element of a JSON array.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Element<'s> {
    /// Where it stands in the text, quotes included.
    pub(super) range: Range<usize>,
    /// The decoded string; `None` for anything but a string.
    pub(super) string: Option<Cow<'s, str>>,
}

/// Gives the elements of `text` to `each`. `None` unless `text` is one JSON array and nothing else, which may
/// show only after some elements.
pub(super) fn array<'s>(text: &'s str, mut each: impl FnMut(Element<'s>)) -> Option<()> {
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0 };
    reader.blanks();
    if reader.peek() != Some(b'[') {
        return None;
    }
    reader.at += 1;
    reader.blanks();
    if reader.peek() == Some(b']') {
        reader.at += 1;
    } else {
        loop {
            reader.blanks();
            let start = reader.at;
            let string = match reader.peek()? {
                b'"' => Some(reader.string()?),
                _ => {
                    reader.value()?;
                    None
                }
            };
            each(Element { range: start..reader.at, string });
            reader.blanks();
            match reader.bump()? {
                b',' => {}
                b']' => break,
                _ => return None,
            }
        }
    }
    reader.blanks();
    (reader.at == text.len()).then_some(())
}

/// The string at `key` of the object that `text` is, if it is one JSON object and nothing else.
/// Of equal keys the last counts, as in Go.
pub(super) fn object_string<'s>(text: &'s str, key: &str) -> Option<Cow<'s, str>> {
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0 };
    reader.blanks();
    if reader.bump()? != b'{' {
        return None;
    }
    let mut found = None;
    reader.blanks();
    if reader.peek() == Some(b'}') {
        reader.at += 1;
    } else {
        loop {
            reader.blanks();
            let name = reader.string()?;
            reader.blanks();
            if reader.bump()? != b':' {
                return None;
            }
            reader.blanks();
            let string = match reader.peek()? {
                b'"' => Some(reader.string()?),
                _ => {
                    reader.value()?;
                    None
                }
            };
            if name == key {
                found = string;
            }
            reader.blanks();
            match reader.bump()? {
                b',' => {}
                b'}' => break,
                _ => return None,
            }
        }
    }
    reader.blanks();
    found.filter(|_| reader.at == text.len())
}

struct Reader<'s> {
    text: &'s str,
    bytes: &'s [u8],
    at: usize,
}

impl<'s> Reader<'s> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn bump(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn string(&mut self) -> Option<Cow<'s, str>> {
        if self.bump()? != b'"' {
            return None;
        }
        let start = self.at;
        self.at = lines::skip(self.bytes, start, |byte| !matches!(byte, b'"' | b'\\' | 0..=0x1f));
        match self.bump()? {
            b'"' => return Some(Cow::Borrowed(&self.text[start..self.at - 1])),
            b'\\' => {}
            _ => return None,
        }
        let mut out = String::from(&self.text[start..self.at - 1]);
        loop {
            // Just behind a backslash.
            match self.bump()? {
                b'"' => out.push('"'),
                b'\\' => out.push('\\'),
                b'/' => out.push('/'),
                b'b' => out.push('\u{8}'),
                b'f' => out.push('\u{c}'),
                b'n' => out.push('\n'),
                b'r' => out.push('\r'),
                b't' => out.push('\t'),
                b'u' => {
                    let unit = self.hex4()?;
                    out.push(self.surrogate(unit));
                }
                _ => return None,
            }
            let start = self.at;
            loop {
                match self.bump()? {
                    b'"' => {
                        out.push_str(&self.text[start..self.at - 1]);
                        return Some(Cow::Owned(out));
                    }
                    b'\\' => break,
                    0..=0x1f => return None,
                    _ => {}
                }
            }
            out.push_str(&self.text[start..self.at - 1]);
        }
    }

    fn hex4(&mut self) -> Option<u32> {
        let digits = self.bytes.get(self.at..self.at + 4)?;
        let value =
            digits.iter().try_fold(0, |value, &digit| Some(value * 16 + char::from(digit).to_digit(16)?))?;
        self.at += 4;
        Some(value)
    }

    /// The character of a UTF-16 unit: a pair of surrogates is one, half a pair is U+FFFD.
    fn surrogate(&mut self, unit: u32) -> char {
        if let Some(c) = char::from_u32(unit) {
            return c;
        }
        let back = self.at;
        if unit < 0xdc00
            && self.bump() == Some(b'\\')
            && self.bump() == Some(b'u')
            && let Some(low @ 0xdc00..=0xdfff) = self.hex4()
        {
            let code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
            return char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        }
        self.at = back;
        char::REPLACEMENT_CHARACTER
    }

    /// Any value, only checked. Iterative: the nesting is somebody else's text.
    fn value(&mut self) -> Option<()> {
        let mut open: Vec<u8> = Vec::new();
        loop {
            self.blanks();
            match self.peek()? {
                bracket @ (b'[' | b'{') => {
                    self.at += 1;
                    open.push(bracket);
                    if open.len() >= MAX_DEPTH {
                        return None;
                    }
                    self.blanks();
                    if self.peek()? != bracket + 2 {
                        if bracket == b'{' {
                            self.key()?;
                        }
                        continue;
                    }
                    self.at += 1;
                    open.pop();
                }
                b'"' => {
                    self.string()?;
                }
                b't' => self.literal("true")?,
                b'f' => self.literal("false")?,
                b'n' => self.literal("null")?,
                _ => self.number()?,
            }
            // Behind a complete value: close what ends here, until another value has to follow.
            loop {
                let Some(&bracket) = open.last() else { return Some(()) };
                self.blanks();
                let byte = self.bump()?;
                if byte == bracket + 2 {
                    open.pop();
                    continue;
                }
                if byte != b',' {
                    return None;
                }
                if bracket == b'{' {
                    self.blanks();
                    self.key()?;
                }
                break;
            }
        }
    }

    fn key(&mut self) -> Option<()> {
        self.string()?;
        self.blanks();
        (self.bump()? == b':').then_some(())
    }

    fn literal(&mut self, word: &str) -> Option<()> {
        let rest = self.bytes.get(self.at..)?;
        self.at += word.len();
        rest.starts_with(word.as_bytes()).then_some(())
    }

    fn number(&mut self) -> Option<()> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.bump()? {
            b'0' => {}
            b'1'..=b'9' => self.digits(),
            _ => return None,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.one_or_more_digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.one_or_more_digits()?;
        }
        let value: f64 = self.text[start..self.at].parse().ok()?;
        value.is_finite().then_some(())
    }

    fn digits(&mut self) {
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
    }

    fn one_or_more_digits(&mut self) -> Option<()> {
        let start = self.at;
        self.digits();
        (self.at > start).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&[Option<&str>]>) {
        let mut elements = Vec::new();
        let res = array(text, |element| elements.push(element));
        let strings: Option<Vec<_>> =
            res.map(|()| elements.iter().map(|element| element.string.as_deref()).collect());
        assert_eq!(strings.as_deref(), expected, "{text:?}");
    }

    #[test]
    fn only_a_complete_array_is_one() {
        check(r#"["a", "b"]"#, Some(&[Some("a"), Some("b")]));
        check(" [ ] ", Some(&[]));
        check(r#"["a",]"#, None);
        check(r#"["a"] b"#, None);
        check(r#"['a']"#, None);
        check(r#"["a""#, None);
        check("[\"a\tb\"]", None);
        check("[\"\u{7f}é\"]", Some(&[Some("\u{7f}é")]));
        check("", None);
    }

    #[test]
    fn other_values_are_seen_but_have_no_string() {
        check(
            r#"[1, null, {"a": [true, {}]}, [], -0.5e+3, "x"]"#,
            Some(&[None, None, None, None, None, Some("x")]),
        );
        check("[01]", None);
        check("[1.]", None);
        check("[1e400]", None);
        check(r#"[{"a" 1}]"#, None);
        check(r#"[{"a":1,}]"#, None);
        check("[nul]", None);
        let deep = |n: usize| "[".repeat(n) + &"]".repeat(n);
        check(&deep(MAX_DEPTH), Some(&[None]));
        check(&deep(MAX_DEPTH + 1), None);
    }

    #[test]
    fn escapes_are_decoded() {
        check(r#"["\"\\\/\b\f\n\r\t\u00e9x"]"#, Some(&[Some("\"\\/\u{8}\u{c}\n\r\téx")]));
        check(
            r#"["\ud83d\ude00 \ud800 \ud800\u0041 \udc00"]"#,
            Some(&[Some("😀 \u{fffd} \u{fffd}A \u{fffd}")]),
        );
        check(r#"["\x"]"#, None);
        check(r#"["\u12g4"]"#, None);
    }

    #[test]
    fn an_object_gives_its_last_string() {
        assert_eq!(
            object_string(r#"{"syntax": "a", "b": [1], "syntax": "c"}"#, "syntax").as_deref(),
            Some("c")
        );
        assert_eq!(object_string(r#"{"syntax": 1}"#, "syntax"), None);
        assert_eq!(object_string(r#"{"syntax": "a"} x"#, "syntax"), None);
    }
}
