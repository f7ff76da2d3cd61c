//! An instruction with edits in it, read again by itself: whether they leave it without new errors.
//!
//! The rest of the file is not read, so that the fixes of a file take no longer than the file is long.

use crate::checks::File;
use crate::edit::{self, TextEdit};
use crate::stages::{self, BuildOptions};
use crate::syntax::{self, Instruction, InstructionKind, Parse};
use crate::text::TextRange;

/// What an instruction is read as.
struct Reading {
    n_errors: usize,
    n_instructions: usize,
    is_json: bool,
}

/// Whether the edits make no error that the instruction does not have without them, and no other instruction.
pub(super) fn breaks_nothing(file: &File<'_>, instruction: &Instruction<'_>, edits: &[TextEdit]) -> bool {
    match (read(file, instruction, &[]), read(file, instruction, edits)) {
        (Some(before), Some(after)) => {
            after.n_errors <= before.n_errors && after.n_instructions == before.n_instructions
        }
        (_, _) => false,
    }
}

/// Whether its arguments are in JSON then.
pub(super) fn becomes_json(file: &File<'_>, instruction: &Instruction<'_>, edits: &[TextEdit]) -> bool {
    read(file, instruction, edits).is_some_and(|reading| reading.is_json)
}

/// Reads the lines of an instruction in a file of its own.
fn read(file: &File<'_>, instruction: &Instruction<'_>, edits: &[TextEdit]) -> Option<Reading> {
    let Instruction { range, kind, .. } = instruction;
    let shifted = edits.iter().map(|edit| {
        let (start, end) = (edit.range.start.checked_sub(range.start)?, edit.range.end - range.start);
        Some(TextEdit::replace(TextRange::new(start, end), edit.text.as_str()))
    });
    let own = edit::apply(range.of(file.text), &shifted.collect::<Option<Vec<_>>>()?)?;
    let base = if *kind == InstructionKind::From { "" } else { "FROM scratch\n" };
    let text = format!("# escape={}\n{base}{own}\n", file.parse.escape);
    let parse: Parse<'_> = syntax::parse(&text);
    let graph = stages::resolve(&parse, &BuildOptions::default());
    let last = parse.instructions.last()?;
    Some(Reading {
        n_errors: parse.errors.len() + graph.errors.len() + graph.stage_errors.len(),
        n_instructions: parse.instructions.len(),
        is_json: last.onbuild.as_deref().unwrap_or(last).json,
    })
}
