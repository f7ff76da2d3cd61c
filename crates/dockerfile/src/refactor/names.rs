//! The names of stages, and everything that refers to them.
//!
//! Follows `dockerfile2llb`: `COPY --from` and mounts take names and, COPY alone, numbers; FROM takes names of earlier
//! stages alone. Surprising: of two stages with one name COPY means the later, wherever it stands.

use std::collections::HashSet;

use crate::edit::TextEdit;
use crate::stages::{Edge, EdgeKind, Node, StageGraph, StageId, to_lower};
use crate::syntax::{InstructionKind, Parse};
use crate::text::TextRange;

/// Where the name or number that an edge stems from is written, as far as it stands there by itself; `None` if a
/// variable, quotes or a trigger make it.
pub fn reference_range(parse: &Parse<'_>, graph: &StageGraph, edge: &Edge) -> Option<TextRange> {
    let stage = graph.stages.get(edge.to.0)?;
    let row = stage.steps.get(edge.step)?;
    let instruction = parse.instructions.get(row.instruction).filter(|_| !edge.trigger)?;
    let word = match (edge.kind, instruction.kind) {
        (EdgeKind::Base, InstructionKind::From) => instruction.args.first()?,
        (EdgeKind::Copy, InstructionKind::Copy) => instruction.flag("from")?,
        (EdgeKind::Mount, InstructionKind::Run) => {
            let flag = instruction.flags.iter().find(|flag| flag.range == edge.range)?;
            let value = flag.value.as_ref()?;
            if value.text.len() != value.range.len() {
                return None;
            }
            // Fields are divided by commas; a quoted one is left alone.
            let mut at = 0;
            for field in value.text.split(',') {
                if let Some(name) = field.strip_prefix("from=") {
                    let start = value.range.start + at + "from=".len();
                    return Some(TextRange::new(start, start + name.len()));
                }
                at += field.len() + 1;
            }
            return None;
        }
        (_, _) => return None,
    };
    let is_plain = word.text.len() == word.range.len() && !word.text.contains('$');
    is_plain.then_some(word.range)
}

/// The stage that a name means in a COPY or a mount of `stage`.
pub fn means(graph: &StageGraph, name: &str, _stage: StageId) -> Option<StageId> {
    let name = to_lower(name);
    graph.stages.iter().rev().find(|stage| stage.name.as_deref() == Some(&*name)).map(|stage| stage.id)
}

/// A name for a stage that nothing in the file has yet.
pub fn free_name(graph: &StageGraph, stage: StageId) -> String {
    let taken: HashSet<&str> = graph.stages.iter().filter_map(|stage| stage.name.as_deref()).collect();
    let candidates =
        std::iter::once("build".to_owned()).chain((0..).map(|n| format!("stage{}", stage.0 + n)));
    candidates.into_iter().find(|name| !taken.contains(name.as_str())).unwrap_or_default()
}

/// Names a stage that has no name, and writes the name wherever its number stands. `None` if it has one, or the FROM
/// cannot be read.
pub fn name_stage(
    parse: &Parse<'_>,
    graph: &StageGraph,
    stage: StageId,
    name: &str,
) -> Option<Vec<TextEdit>> {
    let named = graph.stages.get(stage.0).filter(|stage| stage.name.is_none())?;
    let from = parse.instructions.get(named.steps.first()?.instruction)?;
    let [base] = &from.args[..] else { return None };
    let mut edits = vec![TextEdit::insert(base.range.end, format!(" AS {name}"))];
    for edge in graph.edges.iter().filter(|edge| edge.from == Node::Stage(stage)) {
        edits.extend(reference_range(parse, graph, edge).map(|range| TextEdit::replace(range, name)));
    }
    Some(edits)
}
