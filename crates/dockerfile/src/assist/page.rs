//! The pages of `instructions/`: what there is to say of an instruction, and in a section each of what belongs to it.

use crate::syntax::{InstructionKind, instructions};

/// What there is to say of mounts, in a section for each key, and for each value of `type`.
pub(super) const MOUNT: &str = include_str!("../../instructions/mount.md");
/// The same of parser directives.
pub(super) const DIRECTIVES: &str = include_str!("../../instructions/directives.md");
/// The same of the arguments that BuildKit sets.
pub(super) const ARGUMENTS: &str = include_str!("../../instructions/arguments.md");

/// What stands under a heading of a page; with an empty heading what stands above the first.
pub fn section<'p>(page: &'p str, heading: &str) -> Option<&'p str> {
    let mut parts = page.split("\n## ");
    if heading.is_empty() {
        // The title is known already.
        return parts.next()?.split_once('\n').map(|(_, text)| text.trim());
    }
    let found = parts.skip(1).find_map(|part| {
        let (title, text) = part.split_once('\n')?;
        (title == heading).then_some(text)
    });
    found.map(str::trim)
}

/// What there is to say of an instruction; `None` for an unknown one.
pub(super) fn of_instruction(kind: InstructionKind) -> Option<&'static str> {
    section(kind.row().page, "").filter(|text| !text.is_empty())
}

/// What there is to say of a flag.
pub(super) fn of_flag(row: &instructions::InstructionRow, flag: &str) -> Option<&'static str> {
    // Names of flags are known ones alone, so no heading is made for each question.
    let known = row.flag(flag)?.name;
    row.page.split("\n## --").skip(1).find_map(|part| {
        let (title, text) = part.split_once('\n')?;
        (title == known).then(|| text.split("\n## ").next().unwrap_or_default().trim())
    })
}
