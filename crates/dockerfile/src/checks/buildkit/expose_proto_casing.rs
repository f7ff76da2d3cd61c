//! The protocol of an EXPOSE is not all in lower case.

use super::Rule;
use super::linter::Linter;
use crate::checks::{File, Finding};
use crate::edit::{Fix, TextEdit};
use crate::stages::to_lower;
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "ExposeProtoCasing",
    description: "Protocol in EXPOSE instruction should be lowercase",
    page: include_str!("expose_proto_casing.md"),
    mend: Some(mend),
    ..Rule::BUILDKIT
};

/// `port` is a word of the EXPOSE after expansion.
pub(super) fn check(port: &str, range: TextRange, acc: &mut Linter) {
    let container = port.rsplit(':').next().unwrap_or_default();
    if let Some((_, protocol)) = container.split_once('/')
        && to_lower(protocol) != protocol
    {
        acc.add(&RULE, range, format!("Defined protocol '{port}' in EXPOSE instruction should be lowercase"));
    }
}

fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let word = finding.range.of(file.text);
    let Some(at) = word.rfind('/') else { return Vec::new() };
    let protocol = &word[at + 1..];
    // Anything else may be a part of a variable.
    if protocol.is_empty() || !protocol.bytes().all(|it| it.is_ascii_alphabetic()) {
        return Vec::new();
    }
    let lower = protocol.to_ascii_lowercase();
    let range = TextRange::new(finding.range.start + at + 1, finding.range.end);
    vec![Fix::safe(format!("Write '{lower}'"), vec![TextEdit::replace(range, lower)])]
}
