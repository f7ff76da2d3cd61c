//! CMD or ENTRYPOINT in shell form, where no SHELL says that a shell is wanted: signals then reach the shell, not the
//! program. A SHELL of a stage that it is FROM counts, and so does one of the base image.

use super::Rule;
use super::linter::Linter;
use crate::syntax::Instruction;
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "JSONArgsRecommended",
    description: "JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals",
    page: include_str!("json_args_recommended.md"),
    ..Rule::BUILDKIT
};

pub(super) fn check(instruction: &Instruction<'_>, range: TextRange, has_shell: bool, acc: &mut Linter) {
    if !instruction.json && !has_shell {
        let name = &instruction.keyword.text;
        let message = format!(
            "JSON arguments recommended for {name} to prevent unintended behavior related to OS signals"
        );
        acc.add(&RULE, range, message);
    }
}
