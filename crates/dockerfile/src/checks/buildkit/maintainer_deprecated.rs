//! MAINTAINER at all, even one that is refused.

use super::Rule;
use super::linter::Linter;
use crate::syntax::Instruction;

pub(super) static RULE: Rule = Rule {
    name: "MaintainerDeprecated",
    description: "The MAINTAINER instruction is deprecated, use a label instead to define an image author",
    page: include_str!("maintainer_deprecated.md"),
    ..Rule::BUILDKIT
};

pub(super) fn check(instruction: &Instruction<'_>, acc: &mut Linter) {
    let message = "Maintainer instruction is deprecated in favor of using label".to_owned();
    acc.add(&RULE, instruction.keyword.range, message);
}
