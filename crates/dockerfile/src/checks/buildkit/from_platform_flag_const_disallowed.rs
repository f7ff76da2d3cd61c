//! `--platform` with a platform that is always the same. Surprising: it is fine in a stage whose name holds the system
//! or the architecture.

use super::Rule;
use super::linter::Linter;
use crate::checks::{File, Finding};
use crate::edit::{Fix, TextEdit};
use crate::refactor::lines::remove_flag;
use crate::stages::expand::Expansion;
use crate::stages::{Stage, platform, quote};
use crate::syntax::Word;

pub(super) static RULE: Rule = Rule {
    name: "FromPlatformFlagConstDisallowed",
    description: "FROM --platform flag should not use a constant value",
    page: include_str!("from_platform_flag_const_disallowed.md"),
    mend: Some(mend),
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

/// A stage that ships is for the target platform; one that only builds runs on the machine that builds.
fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let Some((stage, 0)) = file.row_at(finding.range.start) else { return Vec::new() };
    let Some(from) = file.instruction(stage.id, 0) else { return Vec::new() };
    let Some(flag) = from.flags.iter().find(|flag| flag.range.contains_range(finding.range)) else {
        return Vec::new();
    };
    let removed = Fix::asking(
        "Take the platform out",
        "The stage is then for the platform that is built for",
        vec![remove_flag(file.text, flag)],
    );
    let replaced = Fix::asking(
        "Write $BUILDPLATFORM",
        "The stage then runs on the machine that builds, whatever is built for",
        vec![TextEdit::replace(finding.range, "$BUILDPLATFORM")],
    );
    if file.ships(stage.id) { vec![removed, replaced] } else { vec![replaced, removed] }
}
