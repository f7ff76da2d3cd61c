//! Here-documents: which words are markers, and where bodies end (BuildKit's `parser/parser.go`:
//! `heredocsFromLine`, `ParseHeredoc`).
//!
//! The whole line is searched, keyword and flags included. A marker must be a word of its own: `cat<<EOF` is
//! none. The name runs to the end of the word, so `<<EOF|sh` waits for a line `EOF|sh`. A lexing error
//! anywhere in the line, like a lone apostrophe, means no heredocs at all.

use std::ops::Range;

use super::lines::{Lines, Logical};
use super::words::Fault;
use super::{Heredoc, shell_words};
use crate::text::TextRange;

/// What a word says, if it is a marker.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Marker {
    pub(super) name: String,
    pub(super) expand: bool,
    pub(super) chomp: bool,
    pub(super) fd: u64,
}

/// Reads one word: `^(\d*)<<(-?)\s*([^<]*)$`, with a name that is a single word.
pub(super) fn marker(word: &str) -> Result<Option<Marker>, String> {
    let (digits, rest) = word.split_at(word.bytes().take_while(u8::is_ascii_digit).count());
    let Some(rest) = rest.strip_prefix("<<") else { return Ok(None) };
    let (chomp, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let name = rest.trim_start_matches(['\t', '\n', '\u{c}', '\r', ' ']);
    if name.is_empty() || name.contains('<') {
        return Ok(None);
    }
    let words = shell_words::words(name, false)?;
    let [word] = &words[..] else { return Ok(None) };
    let raw = shell_words::words(name, true)?;
    let [raw] = &raw[..] else {
        return Err(format!("internal lexing of heredoc produced inconsistent results: {name}"));
    };
    // A quote that is gone from the name was a quote; one that is still there was escaped.
    let quotes = |text: &str| text.bytes().filter(|byte| matches!(byte, b'\'' | b'"')).count();
    Ok(Some(Marker {
        name: word.text.clone(),
        expand: quotes(&word.text) == quotes(&raw.text),
        chomp,
        // Too large a number is the largest one: BuildKit ignores the error.
        fd: if digits.is_empty() { 0 } else { digits.parse().unwrap_or(u64::MAX) },
    }))
}

/// Whether `word`, an argument, is a heredoc's marker.
pub(super) fn is_marker(word: &str) -> bool {
    matches!(marker(word), Ok(Some(_)))
}

/// The markers in a logical line, with their places.
pub(super) fn markers(logical: &Logical<'_>) -> Result<Vec<(Marker, TextRange)>, Fault> {
    let Ok(words) = shell_words::raw_words(logical.text()) else { return Ok(Vec::new()) };
    let mut markers = Vec::new();
    for word in words {
        let range = logical.source_range(word.range);
        match marker(&word.text) {
            Ok(Some(marker)) => markers.push((marker, range)),
            Ok(None) => {}
            Err(message) => return Err(Fault { message, range, help: None }),
        }
    }
    Ok(markers)
}

/// Reads the bodies of `markers`, which follow one another. `lost` says that an earlier heredoc of the file
/// has no end; it is set when one here has none.
///
/// BuildKit stops at a heredoc without an end. We take as its body what comes before the next line that
/// starts with `FROM `, so that the later stages stay in sight while somebody is typing.
pub(super) fn bodies<'a>(
    text: &'a str,
    lines: &mut Lines<'a>,
    markers: Vec<(Marker, TextRange)>,
    lost: &mut bool,
) -> (Vec<Heredoc<'a>>, Result<(), Fault>) {
    let mut heredocs = Vec::with_capacity(markers.len());
    for (marker, marker_range) in markers {
        let start = lines.at;
        let end = find_end(text, lines, &marker, lost);
        let (body, res) = match end {
            Ok(terminator) => (TextRange::new(start, terminator.start), Ok(())),
            Err(end) => {
                let fault = Fault {
                    message: "unterminated heredoc".to_owned(),
                    range: marker_range,
                    help: Some(
                        "End the heredoc with a line that holds its name and nothing else, \
                         no space before or behind it",
                    ),
                };
                (TextRange::new(start.min(end), end), Err(fault))
            }
        };
        heredocs.push(Heredoc {
            name: marker.name.into(),
            marker: marker_range,
            content: body.of(text),
            body,
            expand: marker.expand,
            chomp: marker.chomp,
            fd: marker.fd,
        });
        if res.is_err() {
            return (heredocs, res);
        }
    }
    (heredocs, Ok(()))
}

/// The line that ends the body; else the place where the body is taken to end, its line end left out.
fn find_end<'a>(
    text: &'a str,
    lines: &mut Lines<'a>,
    marker: &Marker,
    lost: &mut bool,
) -> Result<Range<usize>, usize> {
    let mut next_stage = None;
    loop {
        let before = lines.clone();
        let Some(line) = lines.next() else { break };
        let content = &text[line.clone()];
        let content = if marker.chomp { content.trim_start_matches('\t') } else { content };
        if content == marker.name {
            return Ok(line);
        }
        if next_stage.is_none() && content.starts_with("FROM ") {
            next_stage = Some(before);
            // One search to the end of the file is enough: with two, time would be quadratic.
            if *lost {
                break;
            }
        }
    }
    *lost = true;
    if let Some(before) = next_stage {
        *lines = before;
    }
    Err(text[..lines.at].trim_end_matches(['\r', '\n']).len())
}
