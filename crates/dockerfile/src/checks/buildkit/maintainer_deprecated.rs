//! MAINTAINER at all, even one that is refused.

use super::Rule;
use super::linter::Linter;
use crate::checks::{File, Finding};
use crate::edit::{Fix, TextEdit};
use crate::refactor::in_double_quotes;
use crate::refactor::lines::{in_case_of, is_verbatim};
use crate::syntax::Instruction;

pub(super) static RULE: Rule = Rule {
    name: "MaintainerDeprecated",
    description: "The MAINTAINER instruction is deprecated, use a label instead to define an image author",
    page: include_str!("maintainer_deprecated.md"),
    mend: Some(mend),
    ..Rule::BUILDKIT
};

pub(super) fn check(instruction: &Instruction<'_>, acc: &mut Linter) {
    let message = "Maintainer instruction is deprecated in favor of using label".to_owned();
    acc.add(&RULE, instruction.keyword.range, message);
}

fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let Some(instruction) = file.instruction_at(finding.range.start) else { return Vec::new() };
    let [author] = &instruction.args[..] else { return Vec::new() };
    if !is_verbatim(author) || !is_verbatim(&instruction.keyword) || !instruction.flags.is_empty() {
        return Vec::new();
    }
    let keyword = in_case_of(&instruction.keyword.text, "LABEL");
    let author = in_double_quotes(&author.text, file.parse.escape);
    let label = format!("{keyword} org.opencontainers.image.authors={author}");
    let because = "The image then has a label in place of the author in its configuration";
    vec![Fix::asking("Make it a label", because, vec![TextEdit::replace(instruction.range, label)])]
}
