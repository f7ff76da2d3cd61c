//! Parser directives: `# name=value` at the top of a file (BuildKit's `parser/directives.go`).
//!
//! BuildKit reads them twice. The parser takes them line by line, forgives white space in front of the `#`,
//! and acts on `escape`. Detectors read `syntax` and `check` from the raw text before that: they do not see
//! an indented directive, but look behind a first line `#!…`, and `syntax` may also stand behind `//` or in
//! a JSON object.

use std::borrow::Cow;
use std::ops::Range;

use super::{Word, go, json};
use crate::text::TextRange;

/// The names of the directives.
pub const NAMES: &[&str] = &["check", "escape", "syntax"];

/// What the detectors find.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detected<'a> {
    /// The frontend that a real build would run instead of the built-in one.
    pub syntax: Option<DetectedDirective<'a>>,
    /// The options for build checks.
    pub check: Option<DetectedDirective<'a>>,
    /// The escape directive, whether or not its value is valid.
    pub escape: Option<DetectedDirective<'a>>,
}

/// A directive as a detector sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DetectedDirective<'a> {
    /// The value up to its first space: all that `check` and `syntax` use.
    pub value: Cow<'a, str>,
    /// The whole value.
    pub full: Word<'a>,
    /// Line, from 1; 0 for a JSON object.
    pub line: u32,
}

/// The options of `# check=…` (BuildKit's `linter.ParseLintOptions`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckOptions<'a> {
    /// `skip=all`.
    pub skip_all: bool,
    /// The checks that `skip` names.
    pub skip: Vec<&'a str>,
    /// `experimental=all`.
    pub experimental_all: bool,
    /// The checks that `experimental` names.
    pub experimental: Vec<&'a str>,
    /// `error=true`: a finding fails the build.
    pub error: bool,
}

/// Reads check options. The error is BuildKit's.
pub fn check_options(value: &str) -> Result<CheckOptions<'_>, String> {
    let mut options = CheckOptions::default();
    let value = value.trim();
    if value.is_empty() {
        return Ok(options);
    }
    for part in value.splitn(3, ';') {
        let Some((key, value)) = part.split_once('=') else {
            return Err(format!("invalid check option {}", go::quote(part)));
        };
        let value = value.trim();
        match key.trim() {
            "skip" if value == "all" => options.skip_all = true,
            "skip" => options.skip = value.split(',').map(str::trim).collect(),
            "experimental" if value == "all" => options.experimental_all = true,
            "experimental" => options.experimental = value.split(',').map(str::trim).collect(),
            "error" => {
                options.error = go::parse_bool(value).ok_or_else(|| {
                    let (part, value) = (go::quote(part), go::quote(value));
                    format!(
                        "failed to parse check option {part}: strconv.ParseBool: parsing {value}: invalid syntax"
                    )
                })?;
            }
            key => return Err(format!("invalid check option {}", go::quote(key))),
        }
    }
    Ok(options)
}

/// The options in a comment above an instruction, if it is one with options for checks; `comment` is its text without
/// the `#`.
pub(crate) fn check_comment(comment: &str) -> Option<&str> {
    let (name, value) = read(comment, "")?;
    let value = &comment[value];
    (name == "check").then(|| value.split(' ').next().unwrap_or_default())
}

/// Reads a line as a directive behind `prefix`: its name, and where its value stands in the line
/// (`^([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$`).
pub(crate) fn read(line: &str, prefix: &str) -> Option<(&'static str, Range<usize>)> {
    let rest = line.strip_prefix(prefix)?.trim_start();
    let is_start =
        |known: &&&str| rest.get(..known.len()).is_some_and(|name| name.eq_ignore_ascii_case(known));
    let name = NAMES.iter().find(is_start)?;
    let value = rest[name.len()..].trim_start_matches(REGEXP_SPACE).strip_prefix('=')?;
    let mut trimmed = value.trim_matches(REGEXP_SPACE);
    if trimmed.is_empty() {
        // The value must be something: of blanks alone the last one is it.
        trimmed = &value[value.len().checked_sub(1)?..];
        return Some((name, line.len() - trimmed.len()..line.len()));
    }
    let leading = value.len() - value.trim_start_matches(REGEXP_SPACE).len();
    let start = line.len() - value.len() + leading;
    Some((name, start..start + trimmed.len()))
}

/// `\s` of Go's regular expressions.
const REGEXP_SPACE: [char; 5] = ['\t', '\n', '\u{c}', '\r', ' '];

/// Runs the detectors over `text`.
pub(super) fn detect(text: &str) -> Detected<'_> {
    let mut start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut line = 0;
    if text[start..].starts_with("#!") {
        start = text[start..].find('\n').map_or(text.len(), |end| start + end + 1);
        line = 1;
    }
    let mut detected = Detected::default();
    collect(text, start, line, "#", |name, directive| match name {
        "syntax" => detected.syntax = Some(directive),
        "check" => detected.check = Some(directive),
        _ => detected.escape = Some(directive),
    });
    if detected.syntax.is_none() {
        collect(text, start, line, "//", |name, directive| {
            if name == "syntax" {
                detected.syntax = Some(directive);
            }
        });
    }
    if detected.syntax.is_none()
        && text[start..].trim_start().starts_with('{')
        && let Some(syntax) = json::object_string(&text[start..], "syntax")
    {
        let full = Word { text: syntax.clone(), range: TextRange::new(start, text.len()) };
        detected.syntax = Some(DetectedDirective { value: syntax, full, line });
    }
    detected
}

/// Gives the directives from `start` on to `found`, up to the first line that is none or repeats one.
fn collect<'a>(
    text: &'a str,
    mut start: usize,
    mut line: u32,
    prefix: &str,
    mut found: impl FnMut(&'static str, DetectedDirective<'a>),
) {
    let mut seen = [false; 3];
    while text[start..].starts_with(prefix) {
        let end = text[start..].find('\n').map_or(text.len(), |end| start + end);
        line += 1;
        let content = &text[start..end];
        let content = content.strip_suffix('\r').unwrap_or(content);
        let Some((name, value)) = read(content, prefix) else { return };
        let index = NAMES.iter().position(|known| *known == name).unwrap_or(0);
        if std::mem::replace(&mut seen[index], true) {
            return;
        }
        let range = TextRange::new(start + value.start, start + value.end);
        let full = range.of(text);
        let value = full.split_once(' ').map_or(full, |(value, _)| value);
        let directive =
            DetectedDirective { value: value.into(), full: Word { text: full.into(), range }, line };
        found(name, directive);
        start = (end + 1).min(text.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directive_has_a_name_and_a_value() {
        let check = |line: &str, expected: Option<(&str, &str)>| {
            assert_eq!(read(line, "#").map(|(name, value)| (name, &line[value])), expected, "{line:?}");
        };
        check("# escape=`", Some(("escape", "`")));
        check("#Syntax = a b \t", Some(("syntax", "a b")));
        check("# check=", None);
        check("# check=  ", Some(("check", " ")));
        check("# escape = = x", Some(("escape", "= x")));
        check("# other=x", None);
        check("# esc ape=x", None);
        check("## escape=x", None);
        check("escape=x", None);
    }

    #[test]
    fn check_options_are_split_at_semicolons() {
        assert_eq!(
            check_options("skip=A, B ;error=true;experimental=all"),
            Ok(CheckOptions {
                skip: vec!["A", "B"],
                error: true,
                experimental_all: true,
                ..CheckOptions::default()
            })
        );
        assert_eq!(check_options(" "), Ok(CheckOptions::default()));
        assert_eq!(check_options("skip"), Err("invalid check option \"skip\"".to_owned()));
        assert_eq!(check_options("x=1"), Err("invalid check option \"x\"".to_owned()));
        assert_eq!(
            check_options("error=yes"),
            Err("failed to parse check option \"error=yes\": strconv.ParseBool: parsing \"yes\": invalid syntax"
                .to_owned())
        );
    }
}
