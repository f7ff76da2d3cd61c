//! Another name for a stage, wherever it stands.
//!
//! References by number stay; those in ONBUILD follow, though an image keeps them for others. What the edits come to is
//! read again: a name that would make a reference mean something else is refused.

use super::lines::{self, is_verbatim};
use super::names::{free_name_like, is_name, is_number, means, reference_range, taken, written_names};
use crate::checks::File;
use crate::edit::{self, Fix, TextEdit};
use crate::stages::{self, EdgeKind, Node, StageGraph, StageId, mount, to_lower};
use crate::syntax::{self, Instruction};
use crate::text::TextRange;

/// The edits that give a stage another name, as a fix that asks: others may know the old one.
///
/// # Errors
/// A sentence that says why it cannot be done.
pub fn rename(file: &File<'_>, stage: StageId, name: &str) -> Result<Fix, String> {
    let old = name_of(file, stage)?;
    let lower = to_lower(name);
    if !is_name(&lower) {
        return Err(format!(
            "'{name}' is no name for a stage: it starts with a letter; letters, digits, - _ and . may follow"
        ));
    }
    if *lower == *old {
        return Err(format!("The stage is called '{old}' already"));
    }
    if file.graph.stages.iter().any(|it| it.name.as_deref() == Some(&*lower)) {
        return Err(format!("Another stage is called '{lower}'"));
    }
    if let "scratch" | "context" = &*lower {
        return Err(format!("'{lower}' has a meaning of its own"));
    }
    if taken(file.graph).contains(&*lower) {
        return Err(format!("'{lower}' means something else in this file, which the stage would hide"));
    }
    let edits = edits(file, stage, &lower)?;
    if !keeps(file, &edits) {
        return Err(format!("With the name '{lower}' something else would refer to the stage"));
    }
    let because = format!("Whoever asks for '{old}' from outside the file has to ask for '{lower}' then");
    Ok(Fix::asking(format!("Rename '{old}' to '{lower}'"), because, edits))
}

/// The same with a name like `like` that nothing else has.
pub(crate) fn rename_apart(
    file: &File<'_>,
    stage: StageId,
    like: &str,
) -> Result<(String, Vec<TextEdit>), String> {
    let name = free_name_like(file.graph, like);
    let edits = edits(file, stage, &name)?;
    if keeps(file, &edits) { Ok((name, edits)) } else { Err("Something else would refer to it".to_owned()) }
}

fn name_of(file: &File<'_>, stage: StageId) -> Result<String, String> {
    let stage = file.graph.stages.get(stage.0).ok_or("There is no such stage")?;
    Ok(stage.name.clone().ok_or("The stage has no name yet")?)
}

/// What has to change for a stage to be called `name`; where it is called so already, nothing.
///
/// # Errors
/// A sentence that says which reference cannot follow.
pub(crate) fn edits(file: &File<'_>, stage: StageId, name: &str) -> Result<Vec<TextEdit>, String> {
    let File { text, parse, graph, .. } = *file;
    let old = name_of(file, stage)?;
    let declared = &graph.stages[stage.0];
    let from = declared.steps.first().and_then(|step| parse.instructions.get(step.instruction));
    let (Some(from), Some(place)) = (from, declared.name_range) else { return Err("It has no name".into()) };
    if !from.args.last().is_some_and(is_verbatim) {
        return Err("A line ends within its name".to_owned());
    }
    if old != name {
        let is_epoch = |it: &stages::GlobalArg| {
            it.name == "SOURCE_DATE_EPOCH" && it.value.as_ref().is_some_and(|it| to_lower(it) == old)
        };
        if graph.globals.iter().any(is_epoch) {
            return Err("SOURCE_DATE_EPOCH names it".to_owned());
        }
        let uses_target = |it: &stages::Stage| it.uses.iter().any(|it| it == "TARGETSTAGE");
        if graph.stages.iter().any(uses_target) {
            return Err("A FROM puts the name of the target in".to_owned());
        }
    }
    let mut ranges = vec![place];
    for edge in graph.edges.iter().filter(|edge| edge.from == Node::Stage(stage) && !edge.trigger) {
        match reference_range(text, parse, graph, edge) {
            Some(range) if to_lower(range.of(text)) == old => ranges.push(range),
            Some(range) if edge.kind == EdgeKind::Copy && is_number(range.of(text)) => {}
            Some(_) | None if edge.kind == EdgeKind::Mount && is_implied(file, edge) => {}
            Some(_) | None => {
                let line = graph.stages[edge.to.0].steps.get(edge.step).map_or(0, |it| it.lines.first);
                return Err(format!("Line {line} refers to it in a way that cannot be rewritten"));
            }
        }
    }
    if means(graph, &old, stage) == Some(stage) {
        for child in parse.instructions.iter().filter_map(innermost) {
            let names = written_names(text, child).into_iter();
            ranges.extend(names.filter(|range| to_lower(range.of(text)) == old));
        }
    }
    if old != name {
        ranges.extend(described(file, from, &old));
    }
    let written = |range: &TextRange| range.of(text) != name;
    Ok(ranges.into_iter().filter(written).map(|range| TextEdit::replace(range, name)).collect())
}

/// Whether a name stands behind ONBUILD, so that images keep it.
pub(crate) fn is_in_trigger(file: &File<'_>, edits: &[TextEdit]) -> bool {
    let mut triggers = file.parse.instructions.iter().filter(|it| it.onbuild.is_some());
    triggers.any(|it| edits.iter().any(|edit| it.range.contains_range(edit.range)))
}

fn innermost<'i>(instruction: &'i Instruction<'i>) -> Option<&'i Instruction<'i>> {
    let mut child = instruction.onbuild.as_deref()?;
    while let Some(next) = child.onbuild.as_deref() {
        child = next;
    }
    Some(child)
}

/// Whether a mount without `from` refers to a stage called scratch.
fn is_implied(file: &File<'_>, edge: &stages::Edge) -> bool {
    let instruction = file.instruction(edge.to, edge.step);
    let flag = instruction.and_then(|it| it.flags.iter().find(|flag| flag.range == edge.range));
    let value = flag.and_then(|flag| flag.value.as_ref());
    value.is_some_and(|value| mount::written_from(&value.text).is_empty())
}

/// The name in the comment above that describes the stage (`# name text`).
fn described(file: &File<'_>, from: &Instruction<'_>, old: &str) -> Option<TextRange> {
    let top = lines::top(file.text, file.parse, from);
    let mut at = top.comments;
    while at < top.instruction {
        let end = lines::line_end(file.text, at);
        let line = &file.text[at..end];
        let comment = line.trim_start().trim_start_matches('#').trim_start();
        if comment.strip_prefix(old).is_some_and(|rest| rest.starts_with(' ')) {
            let start = end - comment.len();
            return Some(TextRange::new(start, start + old.len()));
        }
        at = end;
    }
    None
}

/// Whether everything refers to what it did before the edits.
pub(super) fn keeps(file: &File<'_>, edits: &[TextEdit]) -> bool {
    let Some(text) = edit::apply(file.text, edits) else { return false };
    let parse = syntax::parse(&text);
    let graph = stages::resolve(&parse, file.options);
    refers_alike(file.graph, &graph, Some, Broken::Stays)
}

/// What may become of a reference that BuildKit refuses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// It stays as it is.
    Stays,
    /// It may be fine then, as one of them has to be.
    May,
}

/// Whether two graphs are the same where the stages of the first have other numbers in the second; `None` for one
/// that is not there.
pub(super) fn refers_alike(
    before: &StageGraph,
    after: &StageGraph,
    number: impl Fn(StageId) -> Option<StageId>,
    broken: Broken,
) -> bool {
    if before.stages.len() != after.stages.len() || before.edges.len() != after.edges.len() {
        return false;
    }
    let are_errors_fine = match broken {
        Broken::Stays => before.stage_errors.len() == after.stage_errors.len(),
        Broken::May => before.stage_errors.len() > after.stage_errors.len(),
    };
    if before.errors.len() != after.errors.len() || !are_errors_fine {
        return false;
    }
    before.stages.iter().all(|stage| {
        let Some(other) = number(stage.id).and_then(|id| after.stages.get(id.0)) else { return false };
        let (edges, others) = (before.edges_into(stage.id), after.edges_into(other.id));
        stage.steps.len() == other.steps.len()
            && stage.replaced == other.replaced
            && edges.len() == others.len()
            && edges.iter().zip(others).all(|(edge, other)| {
                let is_same_origin = match (edge.from, other.from) {
                    (Node::Stage(from), Node::Stage(other)) => number(from) == Some(other),
                    (Node::Source(from), Node::Source(other)) => {
                        before.sources[from.0] == after.sources[other.0]
                    }
                    (Node::Stage(_) | Node::Source(_), _) => false,
                };
                let rest = |it: &stages::Edge| (it.step, it.kind, it.trigger);
                let state = |it: &stages::Edge| (it.broken, it.carries);
                let is_mended = broken == Broken::May && edge.broken && !other.broken;
                is_same_origin && rest(edge) == rest(other) && (is_mended || state(edge) == state(other))
            })
    })
}
