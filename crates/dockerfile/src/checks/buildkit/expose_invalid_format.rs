//! An EXPOSE gives an address or a port of the host, which mean nothing there.

use super::Rule;
use super::linter::Linter;
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "ExposeInvalidFormat",
    description: "IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a future release",
    page: include_str!("expose_invalid_format.md"),
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
