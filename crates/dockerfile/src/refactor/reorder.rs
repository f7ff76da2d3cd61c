//! A stage goes up or down by one place, with the comments above it.
//!
//! BuildKit asks that a stage stands above those that take from it; numbers follow. The result is read again: where
//! anything refers to something else then, it is refused.

use super::lines;
use super::numbers::renumbered;
use super::rename::refers_alike;
use crate::checks::File;
use crate::edit::{self, Fix, TextEdit};
use crate::stages::{self, Node, Stage, StageId};
use crate::syntax;
use crate::text::TextRange;

/// Which way a stage goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Towards the top of the file.
    Up,
    /// Towards its end.
    Down,
}

/// Moves a stage past the next one on its way.
///
/// # Errors
/// A sentence that says why it has to stay.
pub fn move_stage(file: &File<'_>, stage: StageId, way: Way) -> Result<Fix, String> {
    let stages = &file.graph.stages;
    let moved = stages.get(stage.0).ok_or("There is no such stage")?;
    let upper = match way {
        Way::Up => stage.0.checked_sub(1).ok_or("It is the first stage")?,
        Way::Down => stage.0,
    };
    let (first, second) = match (stages.get(upper), stages.get(upper + 1)) {
        (Some(first), Some(second)) => (first, second),
        _ => return Err("It is the last stage".to_owned()),
    };
    refuse(file, first, second)?;
    let swap = |id: StageId| match id.0 {
        at if at == upper => StageId(upper + 1),
        at if at == upper + 1 => StageId(upper),
        at => StageId(at),
    };
    let text = file.text;
    let (start, middle) = (start_of(file, first), start_of(file, second));
    let end = stages.get(upper + 2).map_or(text.len(), |next| start_of(file, next));
    let numbers = renumbered(file, swap);
    // Numbers within the two move along; those elsewhere are edits of their own.
    let (within, mut edits): (Vec<TextEdit>, Vec<TextEdit>) =
        numbers.into_iter().partition(|edit| start <= edit.range.start && edit.range.end <= end);
    let piece = |from: usize, to: usize| {
        let inside = within.iter().filter(|edit| from <= edit.range.start && edit.range.end <= to);
        let shifted = inside.map(|edit| {
            let range = TextRange::new(edit.range.start - from, edit.range.end - from);
            TextEdit::replace(range, edit.text.as_str())
        });
        edit::apply(&text[from..to], &shifted.collect::<Vec<_>>())
    };
    let (Some(above), Some(below)) = (piece(start, middle), piece(middle, end)) else {
        return Err("The stages cannot be told apart".to_owned());
    };
    let newline = lines::newline(text);
    // The last line of a file may have no end, and the last stage no blank line behind it.
    let gap = &above[above.trim_end().len()..];
    let tail = &below[below.trim_end().len()..];
    let gap = if gap.is_empty() { newline } else { gap };
    edits.push(TextEdit::replace(
        TextRange::new(start, end),
        format!("{}{gap}{}{tail}", below.trim_end(), above.trim_end()),
    ));
    let result = edit::apply(text, &edits).ok_or("The edits do not fit")?;
    let parse = syntax::parse(&result);
    let graph = stages::resolve(&parse, file.options);
    if !refers_alike(file.graph, &graph, |id| Some(swap(id))) {
        return Err("Something would refer to another stage or image then".to_owned());
    }
    let (name, way) = (moved.display_name(), if way == Way::Up { "up" } else { "down" });
    let title = format!("Move '{name}' {way}");
    if upper + 2 < stages.len() {
        return Ok(Fix::safe(title, edits));
    }
    let because = format!("A build without --target then makes '{}'", first.display_name());
    Ok(Fix::asking(title, because, edits))
}

/// The reasons that can be told beforehand.
fn refuse(file: &File<'_>, first: &Stage, second: &Stage) -> Result<(), String> {
    let mut edges = file.graph.edges_into(second.id).iter();
    if edges.any(|edge| edge.from == Node::Stage(first.id)) {
        let (user, used) = (second.display_name(), first.display_name());
        return Err(format!("'{user}' takes from '{used}', which has to stand above it"));
    }
    if first.name.is_some() && first.name == second.name {
        return Err(format!("Both are called '{}', and the later one is meant", first.display_name()));
    }
    Ok(())
}

fn start_of(file: &File<'_>, stage: &Stage) -> usize {
    let from = stage.steps.first().and_then(|step| file.parse.instructions.get(step.instruction));
    from.map_or(stage.range.start, |from| lines::top(file.text, file.parse, from).comments)
}

/// What is on offer at a FROM.
pub(super) fn at(file: &File<'_>, offset: usize) -> Vec<Fix> {
    let Some((stage, 0)) = file.row_at(offset) else { return Vec::new() };
    [Way::Up, Way::Down].into_iter().filter_map(|way| move_stage(file, stage.id, way).ok()).collect()
}
