//! The protocol of an EXPOSE is not all in lower case.

use super::Rule;
use super::linter::Linter;
use crate::stages::to_lower;
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "ExposeProtoCasing",
    description: "Protocol in EXPOSE instruction should be lowercase",
    page: include_str!("expose_proto_casing.md"),
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
