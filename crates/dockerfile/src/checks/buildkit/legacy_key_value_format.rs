//! `ENV key value` and `LABEL key value`.

use super::Rule;
use super::linter::Linter;
use crate::syntax::Instruction;
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "LegacyKeyValueFormat",
    description: "Legacy key/value format with whitespace separator should not be used",
    page: include_str!("legacy_key_value_format.md"),
    ..Rule::BUILDKIT
};

pub(super) fn check(instruction: &Instruction<'_>, range: TextRange, acc: &mut Linter) {
    let name = &instruction.keyword.text;
    let message =
        format!("\"{name} key=value\" should be used instead of legacy \"{name} key value\" format");
    acc.add(&RULE, range, message);
}
