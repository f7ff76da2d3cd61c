//! One stage for what two stages begin with.
//!
//! BuildKit runs equal steps on an equal base once anyway; a stage of their own keeps them equal. CMD, ENTRYPOINT and
//! ONBUILD end what can be shared: a stage that starts from them is not one that has them.

use super::lines;
use super::names::free_name_like;
use super::numbers::renumbered;
use crate::checks::File;
use crate::edit::{Fix, TextEdit};
use crate::stages::{Stage, StageId};
use crate::syntax::{Instruction, InstructionKind};
use crate::text::TextRange;

/// Puts what two stages begin with into a stage above the first of them.
///
/// # Errors
/// A sentence that says why that cannot be done.
pub fn share_base(file: &File<'_>, first: StageId, second: StageId) -> Result<Fix, String> {
    let stage = |id: StageId| file.graph.stages.get(id.0).ok_or("There is no such stage");
    let (first, second) = (stage(first.min(second))?, stage(first.max(second))?);
    if first.id == second.id {
        return Err("It takes two stages".to_owned());
    }
    let n_shared = n_shared(file, first, second);
    if n_shared == 0 {
        return Err("They do not begin with the same instructions on the same base".to_owned());
    }
    let row = |stage: &Stage, step: usize| file.instruction(stage.id, step).ok_or("There is no such row");
    let (from, last) = (row(first, 0)?, row(first, n_shared)?);
    let name = free_name_like(file.graph, "base");
    let top = lines::top(file.text, file.parse, from);
    let newline = lines::newline(file.text);
    let platform = from.flags.first().map_or(String::new(), |flag| format!("{} ", flag.range.of(file.text)));
    let base = from.args.first().ok_or("There is no base")?;
    let (keyword, as_word) = (from.keyword.range.of(file.text), lines::in_case_of(&from.keyword.text, "AS"));
    // From behind the FROM on, comments between the instructions included.
    let shared_start = lines::line_end(file.text, from.range.end);
    let shared_end = lines::line_end(file.text, last.range.end);
    let shared = file.text[shared_start..shared_end].trim_end();
    let base = base.range.of(file.text);
    let head = format!("{keyword} {platform}{base} {as_word} {name}{newline}{shared}{newline}{newline}");
    let mut edits = vec![TextEdit::insert(top.comments, head)];
    for stage in [first, second] {
        let (from, last) = (row(stage, 0)?, row(stage, n_shared)?);
        edits.extend(from.flags.iter().map(|flag| lines::remove_flag(file.text, flag)));
        edits.extend(from.args.first().map(|base| TextEdit::replace(base.range, name.as_str())));
        let start = lines::line_end(file.text, from.range.end);
        edits.push(TextEdit::delete(TextRange::new(start, lines::line_end(file.text, last.range.end))));
    }
    let inserted = first.id;
    let numbers = renumbered(file, |id| if id < inserted { id } else { StageId(id.0 + 1) });
    // Numbers in what is shared are of stages above, which stay.
    edits.extend(numbers);
    let title = match n_shared {
        1 => format!("Share the first step of '{}' and '{}'", first.display_name(), second.display_name()),
        n => {
            format!("Share the first {n} steps of '{}' and '{}'", first.display_name(), second.display_name())
        }
    };
    Ok(Fix::safe(title, edits))
}

/// How many instructions behind the FROM are the same in both.
fn n_shared(file: &File<'_>, first: &Stage, second: &Stage) -> usize {
    let froms = (file.instruction(first.id, 0), file.instruction(second.id, 0));
    let (Some(one), Some(other)) = froms else { return 0 };
    let base = |from: &Instruction<'_>| {
        let flags: Vec<String> = from.flags.iter().map(|flag| flag.range.of(file.text).to_owned()).collect();
        (from.args.first().map(|base| base.text.to_string()), flags)
    };
    let is_plain = |from: &Instruction<'_>| from.args.first().is_some_and(lines::is_verbatim) && !from.broken;
    if base(one) != base(other) || first.start != second.start || !is_plain(one) || !is_plain(other) {
        return 0;
    }
    let is_whole = |from: &Instruction<'_>| from.lines.first == from.lines.last && from.flags.len() < 2;
    let is_own =
        first.replaced || second.replaced || !first.triggers.is_empty() || !second.triggers.is_empty();
    if is_own || !is_whole(one) || !is_whole(other) {
        return 0;
    }
    let rows = (1..first.steps.len()).zip(1..second.steps.len());
    let is_shared = |&(row, _): &(usize, usize)| {
        let (Some(one), Some(other)) = (file.instruction(first.id, row), file.instruction(second.id, row))
        else {
            return false;
        };
        let ends = matches!(
            one.kind,
            InstructionKind::Cmd
                | InstructionKind::Entrypoint
                | InstructionKind::Onbuild
                | InstructionKind::Maintainer
                | InstructionKind::Unknown
        );
        let is_equal = one.range.of(file.text) == other.range.of(file.text);
        !ends
            && !one.broken
            && is_equal
            && file.edges(first.id, row).len() == file.edges(second.id, row).len()
    };
    rows.take_while(is_shared).count()
}

/// What is on offer in a stage: sharing with the stage that has most in common with it.
pub(super) fn at(file: &File<'_>, offset: usize) -> Vec<Fix> {
    let Some((stage, step)) = file.row_at(offset) else { return Vec::new() };
    let others = file.graph.stages.iter().filter(|other| other.id != stage.id);
    let shared = others.map(|other| (n_shared(file, stage, other), std::cmp::Reverse(other.id)));
    let Some((n_shared, std::cmp::Reverse(other))) = shared.max() else { return Vec::new() };
    if step > n_shared || n_shared == 0 {
        return Vec::new();
    }
    share_base(file, stage.id, other).into_iter().collect()
}
