//! The names of stages, and everything that refers to them.
//!
//! Follows `dockerfile2llb`: `COPY --from` and mounts take names and, COPY alone, numbers; FROM takes names of earlier
//! stages alone. Surprising: of two stages with one name COPY means the later, wherever it stands.

use std::collections::HashSet;

use super::lines::is_verbatim;
use crate::edit::TextEdit;
use crate::stages::{Edge, EdgeKind, Node, Source, StageGraph, StageId, to_lower};
use crate::syntax::{Instruction, InstructionKind, Parse, Word, mounts};
use crate::text::TextRange;

/// Where the name or number that an edge stems from is written, as far as it stands there by itself; `None` if a
/// variable, quotes or a trigger make it.
pub fn reference_range(parse: &Parse<'_>, graph: &StageGraph, edge: &Edge) -> Option<TextRange> {
    let stage = graph.stages.get(edge.to.0)?;
    let row = stage.steps.get(edge.step)?;
    let instruction = parse.instructions.get(row.instruction).filter(|_| !edge.trigger)?;
    match (edge.kind, instruction.kind) {
        (EdgeKind::Base, InstructionKind::From) => plain(instruction.args.first()?),
        (EdgeKind::Copy, InstructionKind::Copy) => plain(instruction.flag("from")?),
        (EdgeKind::Mount, InstructionKind::Run) => {
            let flag = instruction.flags.iter().find(|flag| flag.range == edge.range)?;
            from_of_mount(flag.value.as_ref()?)
        }
        (_, _) => None,
    }
}

/// Where the names stand that a COPY or the mounts of a RUN take from.
pub(crate) fn written_names(instruction: &Instruction<'_>) -> Vec<TextRange> {
    let mounts = instruction.flags.iter().filter(|flag| flag.name.text == "mount");
    if instruction.kind == InstructionKind::Copy {
        instruction.flag("from").and_then(plain).into_iter().collect()
    } else if instruction.kind == InstructionKind::Run {
        mounts.filter_map(|flag| from_of_mount(flag.value.as_ref()?)).collect()
    } else {
        Vec::new()
    }
}

/// A word that nothing is taken out of and nothing put into.
fn plain(word: &Word<'_>) -> Option<TextRange> {
    let is_plain = is_verbatim(word) && !word.text.contains(['$', '"', '\'', '\\', '`']);
    is_plain.then_some(word.range)
}

/// The last `from` of a mount, as BuildKit takes it.
fn from_of_mount(value: &Word<'_>) -> Option<TextRange> {
    if !is_verbatim(value) {
        return None;
    }
    // Places in the value are places in the file, further along.
    let moved = Word { text: (&*value.text).into(), range: TextRange::new(0, value.text.len()) };
    let fields = mounts::split(&moved, &value.text).ok()?;
    let from = fields.into_iter().rfind(|it| it.value.is_some() && it.key.text.eq_ignore_ascii_case("from"));
    let range = plain(&from?.value?)?;
    Some(TextRange::new(value.range.start + range.start, value.range.start + range.end))
}

/// The stage that a name means in a COPY or a mount of `stage`.
pub fn means(graph: &StageGraph, name: &str, _stage: StageId) -> Option<StageId> {
    let name = to_lower(name);
    graph.stages.iter().rev().find(|stage| stage.name.as_deref() == Some(&*name)).map(|stage| stage.id)
}

/// The names that stages have, and those that images and contexts are asked for by: a new stage must have none of
/// them.
pub(crate) fn taken(graph: &StageGraph) -> HashSet<&str> {
    let stages = graph.stages.iter().filter_map(|stage| stage.name.as_deref());
    let sources = graph.sources.iter().filter_map(|source| match source {
        Source::Image { familiar, .. } => Some(familiar.as_str()),
        Source::NamedContext { name, .. } => Some(name),
        Source::Invalid(text) => Some(text),
        Source::Scratch => Some("scratch"),
        Source::Context => Some("context"),
        Source::Remote(_) => None,
    });
    let bases = graph.stages.iter().map(|stage| stage.base_expanded.as_str());
    stages.chain(sources).chain(bases).chain(["scratch", "context"]).collect()
}

/// A name for a stage that nothing in the file has yet. No two stages without a name get the same.
pub fn free_name(graph: &StageGraph, stage: StageId) -> String {
    let taken = taken(graph);
    let first = graph.stages.iter().find(|it| it.name.is_none()).map(|it| it.id);
    let build = (first == Some(stage)).then(|| "build".to_owned());
    let own = format!("stage{}", stage.0);
    let more = (2..).map(|n| format!("stage{}-{n}", stage.0));
    let mut candidates = build.into_iter().chain([own]).chain(more);
    candidates.find(|name| !taken.contains(name.as_str())).unwrap_or_default()
}

/// `name`, or one like it, that nothing in the file has yet.
pub(crate) fn free_name_like(graph: &StageGraph, name: &str) -> String {
    let taken = taken(graph);
    let mut candidates = std::iter::once(name.to_owned()).chain((2..).map(|n| format!("{name}-{n}")));
    candidates.find(|name| !taken.contains(name.as_str())).unwrap_or_default()
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
    let keyword = super::lines::in_case_of(&from.keyword.text, "AS");
    let mut edits = vec![TextEdit::insert(base.range.end, format!(" {keyword} {name}"))];
    for edge in graph.edges.iter().filter(|edge| edge.from == Node::Stage(stage)) {
        edits.extend(reference_range(parse, graph, edge).map(|range| TextEdit::replace(range, name)));
    }
    Some(edits)
}
