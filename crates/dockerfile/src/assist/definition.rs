//! Where something is made, and where it is written.
//!
//! A stage is made by its FROM, a variable by the ARG or ENV that is in force at the place. Surprising: an ARG in a stage
//! that takes its value from above the first FROM is made up there, and all places of the two are places of one
//! variable.

use super::Document;
use super::place::{self, Place, Spot};
use super::stage_names::{self, Meaning};
use super::variables::{self, Occurrences};
use crate::refactor;
use crate::stages::{Node, StageId};
use crate::text::TextRange;

/// Where that which stands at `offset` is made.
pub(super) fn definition(doc: &Document<'_>, offset: usize) -> Option<TextRange> {
    match thing(doc, offset)? {
        Thing::Stage(id) => from(doc, id),
        Thing::Variable(occurrences, declaration, range) => {
            let own = occurrences.declarations[declaration];
            // At an ARG that takes a global value the question is where that comes from.
            let asked = if own.range == range { occurrences.root(declaration) } else { declaration };
            Some(occurrences.declarations[asked].range)
        }
    }
}

/// Every place where that which stands at `offset` is written.
pub(super) fn references(doc: &Document<'_>, offset: usize) -> Vec<TextRange> {
    let mut places = match thing(doc, offset) {
        None => Vec::new(),
        Some(Thing::Stage(id)) => of_stage(doc, id),
        Some(Thing::Variable(occurrences, declaration, _)) => {
            let root = occurrences.root(declaration);
            let places = occurrences.places.iter();
            places.filter(|it| occurrences.root(it.declaration) == root).map(|it| it.range).collect()
        }
    };
    places.sort();
    places.dedup();
    places
}

enum Thing {
    Stage(StageId),
    /// All places of the name, the declaration that is in force, and the place at hand.
    Variable(Occurrences, usize, TextRange),
}

fn thing(doc: &Document<'_>, offset: usize) -> Option<Thing> {
    let Spot { place, row } = place::read(doc, offset)?;
    match place {
        Place::Reference { kind, text, range, .. } => {
            match stage_names::meaning(doc, row, kind, &text, range)? {
                Meaning::Stage(id) => Some(Thing::Stage(id)),
                Meaning::Source(_) => None,
            }
        }
        Place::StageName { .. } => row.stage.map(Thing::Stage),
        Place::Variable(it) => variable(doc, &it.name, it.range),
        Place::Declaration { name, range, .. } => variable(doc, &name, range),
        Place::Keyword { .. }
        | Place::FlagName { .. }
        | Place::FlagValue { .. }
        | Place::MountKey { .. }
        | Place::MountValue { .. }
        | Place::As { .. }
        | Place::Argument { .. }
        | Place::Comment(_) => None,
    }
}

fn variable(doc: &Document<'_>, name: &str, range: TextRange) -> Option<Thing> {
    let occurrences = variables::occurrences(doc, name);
    let here = occurrences.places.iter().find(|it| it.range == range)?.declaration;
    Some(Thing::Variable(occurrences, here, range))
}

/// The FROM of a stage, without the line end.
fn from(doc: &Document<'_>, stage: StageId) -> Option<TextRange> {
    Some(doc.graph().stages.get(stage.0)?.steps.first()?.range)
}

fn of_stage(doc: &Document<'_>, id: StageId) -> Vec<TextRange> {
    let graph = doc.graph();
    let Some(stage) = graph.stages.get(id.0) else { return Vec::new() };
    let from = stage.steps.first().and_then(|step| doc.parse.instructions.get(step.instruction));
    let made = stage.name_range.or(from.map(|from| from.keyword.range));
    let edges = graph.edges.iter().filter(|edge| edge.from == Node::Stage(id));
    let named = edges.filter_map(|edge| refactor::reference_range(doc.text, &doc.parse, graph, edge));
    made.into_iter().chain(named).collect()
}
