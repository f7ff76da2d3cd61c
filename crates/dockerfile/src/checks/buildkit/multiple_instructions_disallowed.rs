//! A second CMD, ENTRYPOINT or HEALTHCHECK of a stage. The place is that of the first, which will not count; what it
//! is called is as the second is written.

use super::Rule;
use super::linter::Linter;
use crate::checks::{File, Finding};
use crate::edit::Fix;
use crate::refactor::lines;
use crate::syntax::{Instruction, InstructionKind};
use crate::text::{LineSpan, TextRange};

pub(super) static RULE: Rule = Rule {
    name: "MultipleInstructionsDisallowed",
    description: "Multiple instructions of the same type should not be used in the same stage",
    page: include_str!("multiple_instructions_disallowed.md"),
    mend: Some(mend),
    ..Rule::BUILDKIT
};

/// The last instruction of a kind so far.
pub(super) type Last = Option<(TextRange, LineSpan)>;

/// `here` is where the instruction is, for a trigger the FROM.
pub(super) fn check(
    instruction: &Instruction<'_>,
    here: (TextRange, LineSpan),
    last: &mut Last,
    acc: &mut Linter,
) {
    if let Some((range, lines)) = last.replace(here) {
        let name = &instruction.keyword.text;
        let message = format!(
            "Multiple {name} instructions should not be used in the same stage because only the last one will be used"
        );
        acc.add_at(&RULE, range, lines, message, None);
    }
}

/// Without the earlier one the image is the same: a later CMD, ENTRYPOINT or HEALTHCHECK takes its place as a whole, and
/// an ENTRYPOINT drops no CMD but that of the base, which the later one drops as well.
fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let Some(instruction) = file.instruction_at(finding.range.start) else { return Vec::new() };
    let can_go = matches!(
        instruction.kind,
        InstructionKind::Cmd | InstructionKind::Entrypoint | InstructionKind::Healthcheck
    );
    if !can_go || instruction.keyword.range != finding.range {
        return Vec::new();
    }
    let edit = lines::remove(file.text, file.parse, instruction);
    let title = format!("Take this {} out", instruction.kind.keyword());
    vec![Fix::safe(title, vec![edit])]
}
