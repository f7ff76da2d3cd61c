//! A stage goes up or down by one place, or above one that needs it, with the comments above it.
//!
//! BuildKit asks that a stage stands above those that take from it; numbers follow. The result is read again: where
//! anything refers to something else then, it is refused.

use super::lines;
use super::numbers::renumbered;
use super::rename::{Broken, refers_alike};
use crate::checks::File;
use crate::edit::{self, Fix, TextEdit};
use crate::stages::{self, Node, Stage, StageGraph, StageId};
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
    let (first, second) = stages.get(upper).zip(stages.get(upper + 1)).ok_or("It is the last stage")?;
    refuse(file, first, second)?;
    let edits = reordered(file, upper, &[upper + 1, upper], Broken::Stays)?;
    let (name, way) = (moved.display_name(), if way == Way::Up { "up" } else { "down" });
    let title = format!("Move '{name}' {way}");
    if upper + 2 < stages.len() {
        return Ok(Fix::safe(title, edits));
    }
    let because = format!("A build without --target then makes '{}'", first.display_name());
    Ok(Fix::asking(title, because, edits))
}

/// Moves a stage above one that takes from it, along with what it needs itself of the stages below that one.
///
/// # Errors
/// A sentence that says why it has to stay.
pub(crate) fn move_above(file: &File<'_>, stage: StageId, above: StageId) -> Result<Fix, String> {
    let stages = &file.graph.stages;
    let (Some(moved), Some(user)) = (stages.get(stage.0), stages.get(above.0)) else {
        return Err("There is no such stage".to_owned());
    };
    let Some(goes_up) = needed_below(file.graph, stage, above) else {
        let (user, used) = (user.display_name(), moved.display_name());
        return Err(format!("'{used}' needs '{user}', so neither can stand above the other"));
    };
    let last = goes_up.iter().rposition(|it| *it).ok_or("It stands above already")?;
    let (up, stay): (Vec<usize>, Vec<usize>) = (above.0..=last).partition(|at| goes_up[*at]);
    let n_up = up.len();
    let edits = reordered(file, above.0, &[up, stay].concat(), Broken::May)?;
    let (name, user) = (moved.display_name(), user.display_name());
    let title = match n_up {
        1 => format!("Move '{name}' above '{user}'"),
        _ => format!("Move '{name}' and what it needs above '{user}'"),
    };
    let mut because = format!("It is built so far by nobody; check that '{user}' means this stage.");
    if last + 1 == stages.len() {
        because.push_str(" A build without --target then makes another stage.");
    }
    Ok(Fix::asking(title, because, edits))
}

/// Which stages from `above` on a stage needs, itself among them; `None` if it needs `above` as well.
pub(crate) fn needed_below(graph: &StageGraph, stage: StageId, above: StageId) -> Option<Vec<bool>> {
    let mut needed = vec![false; graph.stages.len()];
    let mut open = vec![stage];
    while let Some(id) = open.pop() {
        if id == above {
            return None;
        }
        if id < above || std::mem::replace(&mut needed[id.0], true) {
            continue;
        }
        open.extend(graph.edges_into(id).iter().filter_map(|edge| match edge.from {
            Node::Stage(from) => Some(from),
            Node::Source(_) => None,
        }));
    }
    Some(needed)
}

/// The edits that put the stages from `lower` on in another order; `order` has each of their numbers once. What stands
/// between two stages stays between them.
fn reordered(
    file: &File<'_>,
    lower: usize,
    order: &[usize],
    broken: Broken,
) -> Result<Vec<TextEdit>, String> {
    let stages = &file.graph.stages;
    let mut places = vec![lower; order.len()];
    for (place, &at) in order.iter().enumerate() {
        places[at - lower] = lower + place;
    }
    let number = |id: StageId| match id.0.checked_sub(lower).and_then(|at| places.get(at)) {
        Some(&place) => StageId(place),
        None => id,
    };
    let text = file.text;
    let upper = lower + order.len();
    let mut starts: Vec<usize> = stages[lower..upper].iter().map(|stage| start_of(file, stage)).collect();
    starts.push(stages.get(upper).map_or(text.len(), |next| start_of(file, next)));
    let (start, end) = (starts[0], starts[order.len()]);
    // Numbers within these stages move along; those elsewhere are edits of their own.
    let (mut within, mut edits): (Vec<TextEdit>, Vec<TextEdit>) = renumbered(file, number)
        .into_iter()
        .partition(|edit| start <= edit.range.start && edit.range.end <= end);
    within.sort_by_key(|edit| edit.range);
    let pieces: Option<Vec<String>> = starts
        .windows(2)
        .map(|piece| {
            let (from, to) = (piece[0], piece[1]);
            let first = within.partition_point(|edit| edit.range.start < from);
            let behind = within.partition_point(|edit| edit.range.start < to);
            let shifted = within.get(first..behind)?.iter().map(|edit| {
                let range = TextRange::new(edit.range.start - from, edit.range.end - from);
                TextEdit::replace(range, edit.text.as_str())
            });
            edit::apply(text.get(from..to)?, &shifted.collect::<Vec<_>>())
        })
        .collect();
    let pieces = pieces.ok_or("The stages cannot be told apart")?;
    let mut moved = String::with_capacity(end - start);
    for (place, &at) in order.iter().enumerate() {
        let here = &pieces[place];
        // The last line of a file may have no end, and the last stage no blank line behind it.
        let gap = &here[here.trim_end().len()..];
        let gap = if gap.is_empty() && place + 1 < order.len() { lines::newline(text) } else { gap };
        moved.push_str(pieces[at - lower].trim_end());
        moved.push_str(gap);
    }
    edits.push(TextEdit::replace(TextRange::new(start, end), moved));
    let result = edit::apply(text, &edits).ok_or("The edits do not fit")?;
    let parse = syntax::parse(&result);
    let graph = stages::resolve(&parse, file.options);
    match refers_alike(file.graph, &graph, |id| Some(number(id)), broken) {
        true => Ok(edits),
        false => Err("Something would refer to another stage or image then".to_owned()),
    }
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
