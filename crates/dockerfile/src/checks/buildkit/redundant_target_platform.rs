//! `--platform=$TARGETPLATFORM`, which is what a FROM without a platform means.

use super::Rule;
use super::linter::Linter;
use crate::stages::args::GlobalScope;
use crate::stages::expand::Expansion;
use crate::syntax::Word;

pub(super) static RULE: Rule = Rule {
    name: "RedundantTargetPlatform",
    description: "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior",
    page: include_str!("redundant_target_platform.md"),
    ..Rule::BUILDKIT
};

const TARGET: &str = "TARGETPLATFORM";

/// `expansion` is what the platform comes to.
pub(super) fn check(word: &Word<'_>, expansion: &Expansion<'_>, globals: &GlobalScope, acc: &mut Linter) {
    let is_only = expansion.unset.is_empty() && expansion.used == [TARGET];
    if is_only && globals.get(TARGET).unwrap_or_default() == expansion.text {
        let message = format!(
            "Setting platform to predefined {} in FROM is redundant as this is the default behavior",
            word.text
        );
        acc.add(&RULE, word.range, message);
    }
}
