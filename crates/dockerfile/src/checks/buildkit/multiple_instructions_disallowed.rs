//! A second CMD, ENTRYPOINT or HEALTHCHECK of a stage. The place is that of the first, which will not count; what it
//! is called is as the second is written.

use super::Rule;
use super::linter::Linter;
use crate::syntax::Instruction;
use crate::text::{LineSpan, TextRange};

pub(super) static RULE: Rule = Rule {
    name: "MultipleInstructionsDisallowed",
    description: "Multiple instructions of the same type should not be used in the same stage",
    page: include_str!("multiple_instructions_disallowed.md"),
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
