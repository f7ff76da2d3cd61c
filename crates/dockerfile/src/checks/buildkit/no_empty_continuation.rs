//! A blank line within an instruction. Surprising: BuildKit names the last line of the
//! continuation, once for all of them.

use super::Rule;
use super::linter::Linter;
use crate::checks::{File, Finding};
use crate::edit::{Fix, TextEdit};
use crate::syntax::{self, EmptyContinuation, Instruction, InstructionKind};
use crate::text::{LineSpan, TextRange};

pub(super) static RULE: Rule = Rule {
    name: "NoEmptyContinuation",
    description: "Empty continuation lines will become errors in a future release",
    file_only: true,
    page: include_str!("no_empty_continuation.md"),
    mend: Some(mend),
    ..Rule::BUILDKIT
};

pub(super) fn check(instruction: &Instruction<'_>, acc: &mut Linter) {
    if let Some(EmptyContinuation { line, range }) = instruction.empty_continuation {
        let lines = LineSpan::at(line);
        acc.add_at(&RULE, range, lines, "Empty continuation line".to_owned(), None);
    }
}

fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let Some(instruction) = file.instruction_at(finding.range.start) else { return Vec::new() };
    let blank = syntax::blank_lines(file.text, instruction, file.parse.escape);
    let edits = blank.iter().map(|&range| TextEdit::delete(range)).collect();
    let fix = Fix::safe("Take the blank lines out", edits);
    std::iter::once(fix).chain(end_above(file, &blank)).collect()
}

/// Ends the instruction above a blank line where the next line looks like an instruction of its own.
fn end_above(file: &File<'_>, blank: &[TextRange]) -> Option<Fix> {
    let first = blank.first()?;
    let next = file.text.get(first.end..)?.lines().map(str::trim).find(|line| !line.is_empty())?;
    let keyword = next.split_whitespace().next()?;
    if InstructionKind::of_keyword(keyword) == InstructionKind::Unknown {
        return None;
    }
    let above = file.text.get(..first.start)?;
    let escape = above.trim_end().strip_suffix(file.parse.escape)?.len();
    let edit = TextEdit::delete(TextRange::new(escape, escape + file.parse.escape.len_utf8()));
    let because = format!("What stands below becomes an instruction of its own: {keyword}");
    Some(Fix::asking("End the instruction above the blank line", because, vec![edit]))
}
