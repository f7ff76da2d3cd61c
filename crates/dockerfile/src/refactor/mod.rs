//! Changes to a file that keep what it builds: the edits, given what was read.
//!
//! [`ALL`] is what can be offered where the cursor is. What needs a word from somebody, a name or a direction, is a
//! function of its own, which says in a sentence why it cannot be done where it cannot.

mod builder_pattern;
mod common_base;
pub(crate) mod lines;
mod names;
mod numbers;
mod of_error;
mod rename;
mod reorder;
mod secret_mount;
mod starter_ignore;

pub use builder_pattern::{BuilderPattern, LineFate, MultiStage, multi_stage};
pub use common_base::share_base;
pub(crate) use lines::in_double_quotes;
pub(crate) use names::is_name;
pub use names::{free_name, means, name_stage, reference_range};
pub use of_error::of_error;
pub use rename::rename;
pub(crate) use rename::{edits as rename_edits, is_in_trigger, rename_apart};
pub use reorder::{Way, move_stage};
pub(crate) use reorder::{move_above, needed_below};
pub(crate) use secret_mount::mount_secret;
pub use starter_ignore::starter_ignore;

use crate::checks::File;
use crate::edit::Fix;
use crate::stages::{Node, StageId, args::split_declaration};
use crate::syntax::InstructionKind;
use crate::text::TextRange;

/// A change that can be offered.
pub struct Refactoring {
    /// What it does, in a few words.
    pub name: &'static str,
    /// What it offers where the cursor is.
    offer: fn(&File<'_>, usize) -> Vec<Fix>,
}

/// All that can be offered where the cursor is.
pub static ALL: &[Refactoring] = &[
    Refactoring { name: "Name a stage", offer: name_here },
    Refactoring { name: "Refer by name", offer: numbers::to_names },
    Refactoring { name: "Move a stage", offer: reorder::at },
    Refactoring { name: "Share a base", offer: common_base::at },
    Refactoring { name: "Mount a secret", offer: mount_here },
];

/// What can be done at a place of the file.
pub fn at(file: &File<'_>, offset: usize) -> Vec<Fix> {
    ALL.iter().flat_map(|refactoring| (refactoring.offer)(file, offset)).collect()
}

/// The stage whose name, number or place in a FROM is where the cursor is, and the place: what [`rename`] renames.
pub fn stage_at(file: &File<'_>, offset: usize) -> Option<(StageId, TextRange)> {
    let (stage, step) = file.row_at(offset)?;
    let named = stage.name_range.filter(|range| range.touches(offset)).map(|range| (stage.id, range));
    named.or_else(|| {
        file.edges(stage.id, step).iter().find_map(|edge| {
            let Node::Stage(from) = edge.from else { return None };
            let range = reference_range(file.text, file.parse, file.graph, edge)?;
            range.touches(offset).then_some((from, range))
        })
    })
}

/// Names the stage whose FROM is where the cursor is, or the one that is referred to there.
fn name_here(file: &File<'_>, offset: usize) -> Vec<Fix> {
    let at_from = file.row_at(offset).filter(|(_, step)| *step == 0).map(|(stage, _)| stage.id);
    let Some(stage) = stage_at(file, offset).map(|(stage, _)| stage).or(at_from) else { return Vec::new() };
    let name = free_name(file.graph, stage);
    let edits = name_stage(file.text, file.parse, file.graph, stage, &name);
    edits.map(|edits| Fix::safe(format!("Name the stage '{name}'"), edits)).into_iter().collect()
}

/// Mounts the variable of the ARG or ENV where the cursor is as a secret.
fn mount_here(file: &File<'_>, offset: usize) -> Vec<Fix> {
    let Some((stage, step)) = file.row_at(offset).filter(|(_, step)| *step > 0) else { return Vec::new() };
    let Some(instruction) = file.instruction(stage.id, step) else { return Vec::new() };
    let words = instruction.args.iter().filter(|word| word.range.touches(offset));
    let names = words.filter_map(|word| {
        let is_arg = instruction.kind == InstructionKind::Arg;
        let name = if is_arg { split_declaration(&word.text).0 } else { &*word.text };
        (is_arg || instruction.kind == InstructionKind::Env).then_some(name)
    });
    names.filter_map(|name| mount_secret(file, (stage.id, step), name)).take(1).collect()
}
