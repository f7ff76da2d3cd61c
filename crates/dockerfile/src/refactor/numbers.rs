//! The numbers that stages are referred to by, when stages come to stand elsewhere, and when names say it better.

use super::names::{is_number, means, reference_range};
use crate::checks::File;
use crate::edit::{Fix, TextEdit};
use crate::stages::{EdgeKind, Node, StageId};
use crate::text::TextRange;

/// References by number, to later stages too: where they stand, and what they mean.
pub(super) fn numbers(file: &File<'_>) -> Vec<(TextRange, StageId, StageId)> {
    let edges = file.graph.edges.iter().filter(|edge| edge.kind == EdgeKind::Copy);
    let numbers = edges.filter_map(|edge| {
        let Node::Stage(from) = edge.from else { return None };
        let range = reference_range(file.text, file.parse, file.graph, edge)?;
        is_number(range.of(file.text)).then_some((range, from, edge.to))
    });
    numbers.collect()
}

/// The edits that keep what each number means once stages have other numbers.
pub(super) fn renumbered(file: &File<'_>, number: impl Fn(StageId) -> StageId) -> Vec<TextEdit> {
    let numbers = numbers(file).into_iter().filter(|(_, from, _)| number(*from) != *from);
    numbers.map(|(range, from, _)| TextEdit::replace(range, number(from).0.to_string())).collect()
}

/// Writes names for all numbers of stages that have one.
pub(super) fn to_names(file: &File<'_>, _offset: usize) -> Vec<Fix> {
    let edits: Vec<TextEdit> = numbers(file)
        .into_iter()
        .filter_map(|(range, from, to)| {
            let name = file.graph.stages[from.0].name.as_deref()?;
            (means(file.graph, name, to) == Some(from)).then(|| TextEdit::replace(range, name))
        })
        .collect();
    match edits.len() {
        0 => Vec::new(),
        1 => vec![Fix::safe("Refer to the stage by its name", edits)],
        n => vec![Fix::safe(format!("Refer to stages by their names in {n} places"), edits)],
    }
}
