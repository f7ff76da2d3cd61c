//! The value of a `--mount` or `--device` flag, split into fields (BuildKit's `go-csvvalue`).
//!
//! The value is a line of CSV, whose quotes are its own: those of the Dockerfile are gone already. What the
//! fields mean is decided later, when variables are known; here they only get their places.

use std::borrow::Cow;
use std::ops::Range;

use super::Word;
use crate::text::TextRange;

/// The values of `type`, the first of them the default.
pub const TYPES: &[&str] = &["bind", "cache", "secret", "ssh", "tmpfs"];

/// The keys of a mount, with what they are for. Keys are case-insensitive.
pub const KEYS: &[(&str, &str)] = &[
    ("type", "Kind of mount: bind, cache, secret, ssh or tmpfs"),
    ("from", "The stage, image or named context to mount from"),
    ("source", "Path in the source"),
    ("src", "Path in the source"),
    ("target", "Where it is mounted"),
    ("dst", "Where it is mounted"),
    ("destination", "Where it is mounted"),
    ("readonly", "Whether the command cannot write"),
    ("ro", "Whether the command cannot write"),
    ("readwrite", "Whether the command can write"),
    ("rw", "Whether the command can write"),
    ("id", "Name of the cache, secret or SSH agent"),
    ("sharing", "How builds share a cache: shared, private or locked"),
    ("required", "Whether a missing secret or agent fails the build"),
    ("size", "Most bytes a tmpfs may hold"),
    ("mode", "Permissions of the mount"),
    ("uid", "User that owns the mount"),
    ("gid", "Group that owns the mount"),
    ("env", "Environment variable that holds the secret"),
];

/// A field: `key=value`, or a key alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountField<'a> {
    /// What stands before the first `=`, as written.
    pub key: Word<'a>,
    /// What stands behind it.
    pub value: Option<Word<'a>>,
    /// The whole field.
    pub range: TextRange,
}

/// A value that is no line of CSV.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvError {
    /// Go's message.
    pub message: String,
    /// Where it is.
    pub range: TextRange,
}

impl MountField<'_> {
    /// The field as BuildKit shows it.
    pub(super) fn text(&self) -> String {
        match &self.value {
            Some(value) => format!("{}={}", self.key.text, value.text),
            None => self.key.text.to_string(),
        }
    }
}

/// Splits the value of a flag. `source` is the text that was parsed.
pub fn split<'a>(value: &Word<'a>, source: &str) -> Result<Vec<MountField<'a>>, CsvError> {
    let places = Places::new(value, source);
    let line = trim_line_end(&value.text);
    if line.is_empty() {
        return Err(CsvError { message: "EOF".to_owned(), range: value.range });
    }
    let mut fields = Vec::new();
    let mut at = 0;
    loop {
        let (field, next) = if line[at..].starts_with('"') {
            quoted(line, at, &places)?
        } else {
            plain(value, line, at, &places)?
        };
        fields.push(field);
        match next {
            Some(next) => at = next,
            None => return Ok(fields),
        }
    }
}

fn trim_line_end(line: &str) -> &str {
    let Some(line) = line.strip_suffix('\n') else { return line };
    line.strip_suffix('\r').unwrap_or(line)
}

type Field<'a> = (MountField<'a>, Option<usize>);

fn plain<'a>(word: &Word<'a>, line: &str, start: usize, places: &Places) -> Result<Field<'a>, CsvError> {
    let end = line[start..].find(',').map_or(line.len(), |len| start + len);
    if let Some(len) = line[start..end].find('"') {
        return Err(syntax_error(start + len, "bare \" in non-quoted-field", places));
    }
    let part = |range: Range<usize>| {
        let text = match &word.text {
            Cow::Borrowed(text) => Cow::Borrowed(&text[range.clone()]),
            Cow::Owned(text) => Cow::Owned(text[range.clone()].to_owned()),
        };
        Word { text, range: places.range(range) }
    };
    let field = match line[start..end].find('=') {
        Some(len) => MountField {
            key: part(start..start + len),
            value: Some(part(start + len + 1..end)),
            range: places.range(start..end),
        },
        None => MountField { key: part(start..end), value: None, range: places.range(start..end) },
    };
    Ok((field, (end < line.len()).then_some(end + 1)))
}

fn quoted<'a>(line: &str, start: usize, places: &Places) -> Result<Field<'a>, CsvError> {
    let bytes = line.as_bytes();
    let mut text = String::new();
    // Where the `=` stands in the line; in the text it is the first one.
    let mut equals = None;
    let mut at = start + 1;
    loop {
        let Some(len) = line[at..].find('"') else {
            return Err(syntax_error(line.len(), "extraneous or missing \" in quoted-field", places));
        };
        equals = equals.or(line[at..at + len].find('=').map(|len| at + len));
        text.push_str(&line[at..at + len]);
        at += len + 1;
        match bytes.get(at) {
            Some(b'"') => {
                text.push('"');
                at += 1;
            }
            Some(b',') | None => break,
            Some(_) => return Err(syntax_error(at - 1, "extraneous or missing \" in quoted-field", places)),
        }
    }
    let word = |text: &str, range| Word { text: Cow::Owned(text.to_owned()), range: places.range(range) };
    let inner = start + 1..at - 1;
    let field = match (text.split_once('='), equals) {
        (Some((key, value)), Some(equals)) => MountField {
            key: word(key, inner.start..equals),
            value: Some(word(value, equals + 1..inner.end)),
            range: places.range(start..at),
        },
        (_, _) => MountField { key: word(&text, inner), value: None, range: places.range(start..at) },
    };
    Ok((field, bytes.get(at).map(|_| at + 1)))
}

fn syntax_error(at: usize, why: &str, places: &Places) -> CsvError {
    let message = format!("parse error on line 1, column {}: {why}", at + 1);
    CsvError { message, range: places.range(at..at) }
}

/// The way from a flag's value back to the source.
struct Places {
    whole: TextRange,
    /// For each byte of the value, and for its end, the place in the source; none if the value stands there
    /// as it is.
    places: Option<Vec<usize>>,
}

impl Places {
    fn new(word: &Word<'_>, source: &str) -> Places {
        let places = (word.range.of(source) != word.text).then(|| align(&word.text, word.range, source));
        Places { whole: word.range, places }
    }

    fn range(&self, range: Range<usize>) -> TextRange {
        match &self.places {
            None => TextRange::new(self.whole.start + range.start, self.whole.start + range.end),
            Some(places) if range.is_empty() => TextRange::empty(places[range.start]),
            // The end goes with the last byte, so that what was taken out behind it stays out.
            Some(places) => TextRange::new(places[range.start], places[range.end].max(places[range.start])),
        }
    }
}

/// Lays `text` over the source it was made from by leaving characters out (quotes, escapes, line ends).
fn align(text: &str, range: TextRange, source: &str) -> Vec<usize> {
    let mut places = Vec::with_capacity(text.len() + 1);
    let mut rest = range.of(source).char_indices();
    let mut at = range.start;
    for c in text.chars() {
        at = rest
            .by_ref()
            .find(|&(_, other)| other == c)
            .map_or(range.end, |(offset, _)| range.start + offset);
        places.extend(std::iter::repeat_n(at, c.len_utf8()));
        at = (at + c.len_utf8()).min(range.end);
    }
    places.push(at);
    places
}
