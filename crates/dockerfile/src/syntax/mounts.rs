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

/// The values of `sharing`, the first of them the default.
pub const SHARING: &[&str] = &["shared", "private", "locked"];

/// A key of a mount.
#[derive(Clone, Copy, Debug)]
pub struct KeyRow {
    /// As it is written most often. Keys are case-insensitive.
    pub name: &'static str,
    /// Other names for the same.
    pub aliases: &'static [&'static str],
    /// What value it takes; keys with [`KeyValue::Bool`] may stand alone.
    pub value: KeyValue,
    /// The types for which it means something. BuildKit takes some for others as well, and ignores them.
    pub types: &'static [&'static str],
    /// What it is for, in a sentence.
    pub summary: &'static str,
}

/// What may stand behind the `=` of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyValue {
    /// Nothing, or a truth value.
    Bool,
    /// Any text.
    Text,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

const fn key(
    name: &'static str,
    aliases: &'static [&'static str],
    value: KeyValue,
    types: &'static [&'static str],
    summary: &'static str,
) -> KeyRow {
    KeyRow { name, aliases, value, types, summary }
}

const OWNED: &[&str] = &["cache", "secret", "ssh"];

/// Every key of a mount.
pub const KEYS: &[KeyRow] = &[
    key("type", &[], KeyValue::OneOf(TYPES), TYPES, "Kind of mount"),
    key("target", &["dst", "destination"], KeyValue::Text, TYPES, "Where it is mounted"),
    key("source", &["src"], KeyValue::Text, &["bind", "cache"], "Path in the source"),
    key("from", &[], KeyValue::Text, &["bind", "cache"], "The stage, image or named context to mount from"),
    key("id", &[], KeyValue::Text, OWNED, "Name of the cache, secret or SSH agent"),
    key("sharing", &[], KeyValue::OneOf(SHARING), &["cache"], "How builds share a cache"),
    key("ro", &["readonly"], KeyValue::Bool, &["cache"], "The command cannot write"),
    key("rw", &["readwrite"], KeyValue::Bool, &["bind"], "The command can write"),
    key("required", &[], KeyValue::Bool, &["secret", "ssh"], "Without it the build fails"),
    key("env", &[], KeyValue::Text, &["secret"], "Environment variable that holds the secret"),
    key("mode", &[], KeyValue::Text, OWNED, "Permissions of the mount"),
    key("uid", &[], KeyValue::Text, OWNED, "User that owns the mount"),
    key("gid", &[], KeyValue::Text, OWNED, "Group that owns the mount"),
    key("size", &[], KeyValue::Text, &["tmpfs"], "Most bytes it may hold"),
];

/// The row of a key, by any of its names.
pub fn key_row(name: &str) -> Option<&'static KeyRow> {
    let is = |known: &str| known.eq_ignore_ascii_case(name);
    KEYS.iter().find(|row| is(row.name) || row.aliases.iter().any(|alias| is(alias)))
}

/// Every name of every key.
pub(crate) fn key_names() -> impl Iterator<Item = &'static str> {
    KEYS.iter().flat_map(|row| std::iter::once(row.name).chain(row.aliases.iter().copied()))
}

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
    pub(crate) fn text(&self) -> String {
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
    let part = |range: Range<usize>| match &word.text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[range]),
        Cow::Owned(text) => Cow::Owned(text[range].to_owned()),
    };
    let equals = line[start..end].find('=').map(|len| start + len);
    let key = part(start..equals.unwrap_or(end));
    let value = equals.map(|equals| part(equals + 1..end));
    let field = places.field(start..end, key, value, equals);
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
            return Err(syntax_error(at, "extraneous or missing \" in quoted-field", places));
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
    let (key, value) = match text.split_once('=') {
        Some((key, value)) => (key.to_owned(), Some(value.to_owned().into())),
        None => (text, None),
    };
    let mut field = places.field(start..at, key.into(), value, equals);
    if field.value.is_none() {
        field.key.range = field.range;
    }
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
            Some(places) => TextRange {
                start: places[range.start],
                end: (places[range.end - 1] + 1).min(self.whole.end).max(places[range.start]),
            },
        }
    }

    /// A field at `range`, its `=` at `equals`. A key or value that is not there stands at the field's edge.
    fn field<'a>(
        &self,
        range: Range<usize>,
        key: Cow<'a, str>,
        value: Option<Cow<'a, str>>,
        equals: Option<usize>,
    ) -> MountField<'a> {
        let whole = self.range(range.clone());
        let key_range = match equals.unwrap_or(range.end) {
            end if end == range.start => TextRange::empty(whole.start),
            end => self.range(range.start..end),
        };
        let value_range = match equals.map_or(range.end, |equals| equals + 1) {
            start if start == range.end => TextRange::empty(whole.end),
            start => self.range(start..range.end),
        };
        MountField {
            key: Word { text: key, range: key_range },
            value: value.map(|text| Word { text, range: value_range }),
            range: whole,
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
        places.extend((0..c.len_utf8()).map(|byte| (at + byte).min(range.end)));
        at = (at + c.len_utf8()).min(range.end);
    }
    places.push(at);
    places
}
