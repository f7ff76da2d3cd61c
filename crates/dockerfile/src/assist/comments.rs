//! Parser directives, and comments that say something to the checks.
//!
//! Follows `syntax::directives` and `checks::suppress`. Surprising: a comment is a directive only while nothing but
//! directives stands above it; the value of `check` ends at its first blank; and above an instruction `check` can skip
//! and ask for experimental rules, but some rules listen to the directive alone.

use super::Document;
use crate::syntax::directives;
use crate::text::TextRange;

/// What stands at a place of a comment.
#[derive(Clone, Copy, Debug)]
pub(super) struct CommentPlace<'d> {
    pub(super) part: CommentPart<'d>,
    pub(super) range: TextRange,
    /// Whether the line is a directive, or could become one.
    pub(super) at_top: bool,
}

/// A part of a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CommentPart<'d> {
    /// The name of a directive.
    Name(&'d str),
    /// The value of `syntax` or `escape`.
    Value(&'static str),
    /// An option of `check`, or its value where that is no rule.
    Option(&'d str),
    /// A rule in a list; the option it is for: `skip` or `experimental`.
    Rule { option: &'d str, name: &'d str, by_buildkit: bool },
}

/// Reads the comment at `offset`; `None` if there is none, or it says nothing there.
pub(super) fn read<'d>(doc: &Document<'d>, offset: usize) -> Option<CommentPlace<'d>> {
    let text = doc.text;
    let line_start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[line_start..].find('\n').map_or(text.len(), |len| line_start + len);
    let line = text[line_start..line_end].trim_end_matches('\r');
    let bare = line.trim_start_matches('\u{feff}').trim_start();
    let start = line_start + line.len() - bare.len() + 1;
    let comment = bare.strip_prefix('#')?;
    // Behind the end of the line there may still be a carriage return.
    if offset < start || offset > start + comment.len() {
        return None;
    }
    let n_above = text[..line_start].matches('\n').count();
    let n_directives = doc.parse.directives.iter().take_while(|it| it.line as usize <= n_above).count();
    let at_top = n_directives == n_above;
    let part = |from: usize, to: usize| {
        let range = TextRange::new(start + from, start + to);
        (range.of(text), range)
    };
    let at = offset - start;

    // From the first letter to `=`.
    let name_start = comment.len() - comment.trim_start().len();
    let equals = comment.find('=').unwrap_or(comment.len());
    let name_end = name_start.max(comment[..equals].trim_end().len());
    if at <= equals.min(name_end) {
        let (name, range) = if at < name_start { part(at, at) } else { part(name_start, name_end) };
        let is_directive = directives::NAMES.iter().any(|known| known.eq_ignore_ascii_case(name));
        let is_name = at_top || "check".starts_with(name) && !name.is_empty();
        return (is_name || is_directive && at_top).then_some(CommentPlace {
            part: CommentPart::Name(name),
            range,
            at_top,
        });
    }
    let name = comment.get(name_start..name_end)?;
    let behind = comment.get(equals + 1..).filter(|_| at > equals)?;
    let value_start = equals + 1 + behind.len() - behind.trim_start().len();
    if let Some(option) = name.strip_prefix("stagelight") {
        return list(at, comment, value_start, [',', ' '], part).map(|(name, range)| CommentPlace {
            part: CommentPart::Rule { option: option.trim(), name, by_buildkit: false },
            range,
            at_top,
        });
    }
    let directive = directives::NAMES.iter().copied().find(|known| known.eq_ignore_ascii_case(name))?;
    if directive != "check" {
        let end = comment.trim_end().len().max(value_start.min(comment.len()));
        let (_, range) = part(value_start.min(at), end.max(at.min(comment.len())));
        return at_top.then_some(CommentPlace { part: CommentPart::Value(directive), range, at_top });
    }
    let value_start = value_start.min(at);
    // What follows a blank is not read.
    let value_end = comment[value_start..].find(' ').map_or(comment.len(), |len| value_start + len);
    if at > value_end {
        return None;
    }
    let option_start = comment[value_start..at].rfind(';').map_or(value_start, |len| value_start + len + 1);
    let option_end = comment[at..value_end].find(';').map_or(value_end, |len| at + len);
    let equals = comment[option_start..option_end].find('=').map(|len| option_start + len);
    let of_option = |option| {
        let range = part(option_start, option_end).1;
        Some(CommentPlace { part: CommentPart::Option(option), range, at_top })
    };
    match equals.filter(|equals| at > *equals) {
        None => of_option(&comment[option_start..equals.unwrap_or(option_end)]),
        Some(equals) => {
            let option = comment[option_start..equals].trim();
            if !matches!(option, "skip" | "experimental") {
                return of_option(option);
            }
            let (name, range) = list(at, &comment[..option_end], equals + 1, [',', ','], part)?;
            let part = CommentPart::Rule { option, name, by_buildkit: true };
            Some(CommentPlace { part, range, at_top })
        }
    }
}

/// The word of a list at a place.
fn list<'d>(
    at: usize,
    comment: &str,
    start: usize,
    signs: [char; 2],
    part: impl Fn(usize, usize) -> (&'d str, TextRange),
) -> Option<(&'d str, TextRange)> {
    let before = comment.get(start.min(at)..at)?;
    let word_start = at - before.len() + before.rfind(signs).map_or(0, |at| at + 1);
    let word_end = comment[at..].find([signs[0], signs[1], ' ']).map_or(comment.len(), |len| at + len);
    Some(part(word_start, word_end))
}
