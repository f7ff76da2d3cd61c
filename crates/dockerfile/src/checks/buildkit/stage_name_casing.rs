//! The name behind AS is not all in lower case.

use super::Rule;
use super::linter::Linter;
use crate::stages::to_lower;
use crate::syntax::Instruction;

pub(super) static RULE: Rule = Rule {
    name: "StageNameCasing",
    description: "Stage names should be lowercase",
    page: include_str!("stage_name_casing.md"),
    ..Rule::BUILDKIT
};

pub(super) fn check(from: &Instruction<'_>, acc: &mut Linter) {
    let [_, _, name] = &from.args[..] else { return };
    if to_lower(&name.text) != name.text {
        acc.add(&RULE, name.range, format!("Stage name '{}' should be lowercase", name.text));
    }
}
