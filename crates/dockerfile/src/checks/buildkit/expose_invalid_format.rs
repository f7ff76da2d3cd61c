//! An EXPOSE gives an address or a port of the host, which mean nothing there.

use super::Rule;
use super::linter::Linter;
use crate::checks::{File, Finding};
use crate::edit::{Fix, TextEdit};
use crate::stages;
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "ExposeInvalidFormat",
    description: "IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a future release",
    page: include_str!("expose_invalid_format.md"),
    mend: Some(mend),
    ..Rule::BUILDKIT
};

/// `port` is a word of the EXPOSE after expansion.
pub(super) fn check(port: &str, range: TextRange, acc: &mut Linter) {
    let mut parts = port.rsplitn(3, ':').skip(1);
    if parts.any(|part| !part.is_empty()) {
        let message = format!(
            "EXPOSE instruction should not define an IP address or host-port mapping, found '{port}'"
        );
        acc.add(&RULE, range, message);
    }
}

fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let word = finding.range.of(file.text);
    let Some((_, container)) = word.rsplit_once(':') else { return Vec::new() };
    let ports = |word: &str| {
        let words = [word.to_owned()];
        stages::expose_fault(&words).is_none().then(|| stages::ports(&words))
    };
    let is_plain = !word.contains(['$', '"', '\'', '\\', '`']);
    if !is_plain || ports(word).is_none() || ports(word) != ports(container) {
        return Vec::new();
    }
    let title = format!("Leave '{container}'");
    vec![Fix::safe(title, vec![TextEdit::replace(finding.range, container)])]
}
