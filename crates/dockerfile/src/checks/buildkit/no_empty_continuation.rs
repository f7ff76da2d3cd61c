//! A blank line within an instruction. Surprising: BuildKit names the last line of the
//! continuation, once for all of them.

use super::Rule;
use super::linter::Linter;
use crate::syntax::{EmptyContinuation, Instruction};
use crate::text::LineSpan;

pub(super) static RULE: Rule = Rule {
    name: "NoEmptyContinuation",
    description: "Empty continuation lines will become errors in a future release",
    file_only: true,
    page: include_str!("no_empty_continuation.md"),
    ..Rule::BUILDKIT
};

pub(super) fn check(instruction: &Instruction<'_>, acc: &mut Linter) {
    if let Some(EmptyContinuation { line, range }) = instruction.empty_continuation {
        let lines = LineSpan::at(line);
        acc.add_at(&RULE, range, lines, "Empty continuation line".to_owned(), None);
    }
}
