//! `--platform` with a platform that is always the same. Surprising: it is fine in a stage whose name holds the system
//! or the architecture.

use super::Rule;
use super::linter::Linter;
use crate::stages::expand::Expansion;
use crate::stages::{Stage, platform, quote};
use crate::syntax::Word;

pub(super) static RULE: Rule = Rule {
    name: "FromPlatformFlagConstDisallowed",
    description: "FROM --platform flag should not use a constant value",
    page: include_str!("from_platform_flag_const_disallowed.md"),
    ..Rule::BUILDKIT
};

/// `expansion` is what the platform comes to.
pub(super) fn check(word: &Word<'_>, expansion: &Expansion<'_>, stage: &Stage, acc: &mut Linter) {
    if !expansion.used.is_empty() || !expansion.unset.is_empty() {
        return;
    }
    let Ok(platform) = platform::parse(&expansion.text) else { return };
    let name = stage.name.as_deref().unwrap_or_default();
    if !name.contains(&platform.os) && !name.contains(&platform.architecture) {
        let constant = quote(&expansion.text);
        acc.add(&RULE, word.range, format!("FROM --platform flag should not use constant value {constant}"));
    }
}
