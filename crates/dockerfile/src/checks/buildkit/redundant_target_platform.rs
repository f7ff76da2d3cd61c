//! `--platform=$TARGETPLATFORM`, which is what a FROM without a platform means.

use super::Rule;
use super::linter::Linter;
use crate::checks::{File, Finding};
use crate::edit::Fix;
use crate::refactor::lines::remove_flag;
use crate::stages::args::GlobalScope;
use crate::stages::expand::Expansion;
use crate::stages::platform;
use crate::syntax::Word;

pub(super) static RULE: Rule = Rule {
    name: "RedundantTargetPlatform",
    description: "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior",
    page: include_str!("redundant_target_platform.md"),
    mend: Some(mend),
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

fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let Some(from) = file.instruction_at(finding.range.start) else { return Vec::new() };
    let Some(flag) = from.flags.iter().find(|flag| flag.range.contains_range(finding.range)) else {
        return Vec::new();
    };
    if platform::parse(&file.options.target_platform).is_err() {
        return Vec::new(); // Nothing is built then, and without the flag it may be.
    }
    // An ARG above may give it another value.
    let declared = file.graph.globals.iter().find(|arg| arg.name == TARGET);
    let edits = vec![remove_flag(file.text, flag)];
    let title = "Take the platform out";
    match declared {
        None => vec![Fix::safe(title, edits)],
        Some(arg) if arg.value.as_ref().is_none_or(|it| *it == file.options.target_platform) => {
            let because = "A build argument TARGETPLATFORM, which the file declares, has no effect here then";
            vec![Fix::asking(title, because, edits)]
        }
        Some(_) => Vec::new(),
    }
}
