//! Why a stage is needed, or why not, as data and in plain English.
//!
//! Surprising: the reason that is told is the shortest way to the target, not every way; and a stage that
//! nothing needs can still be asked for by its name.

use std::collections::VecDeque;

use super::cut::{Incoming, Names, Targetable, verb};
use crate::stages::{Edge, Node, Source, Stage, StageGraph, StageId};

/// Why a stage is needed or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It is the target.
    Target,
    /// The target uses it.
    Needed(Need),
    /// Nothing that the target needs refers to it.
    NotNeeded(Skip),
}

/// How the target comes to need a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The shortest chain of references, as indexes into [`StageGraph::edges`]: the first takes from the
    /// stage, each further one from the stage the last one leads to, and the last leads to the target.
    pub chain: Vec<usize>,
}

/// Why a stage is not needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// The stages that refer to it, in file order. None of them is needed.
    pub referrers: Vec<StageId>,
    /// Stages that can be asked for and need it, nearest first: itself, or stages that lead to it. At most
    /// [`MAX_TARGETS`].
    pub needed_by: Vec<StageId>,
    /// A later stage of the same name, which is the one that `--target` and `--from` mean.
    pub shadowed_by: Option<StageId>,
    /// Whether it comes after the target.
    pub after_target: bool,
}

/// How many targets are listed for a stage that is not needed.
pub const MAX_TARGETS: usize = 8;

/// How many references of a chain a sentence tells.
const MAX_TOLD: usize = 8;

/// The reason for each stage.
pub(super) fn reasons(
    graph: &StageGraph,
    incoming: &Incoming,
    names: &Names<'_>,
    target: StageId,
    needed: &[bool],
) -> Vec<Reason> {
    let next = next_edges(graph, incoming, target);
    let outgoing = outgoing(graph);
    graph
        .stages
        .iter()
        .map(|stage| {
            if stage.id == target {
                Reason::Target
            } else if needed[stage.id.0] {
                Reason::Needed(Need { chain: chain(graph, &next, stage.id) })
            } else {
                Reason::NotNeeded(skip(graph, &outgoing, names, target, stage))
            }
        })
        .collect()
}

/// For each needed stage the edge out of it that lies on a shortest way to the target.
fn next_edges(graph: &StageGraph, incoming: &Incoming, target: StageId) -> Vec<Option<usize>> {
    let mut next = vec![None; graph.stages.len()];
    let mut open = VecDeque::from([target]);
    while let Some(stage) = open.pop_front() {
        for &edge_idx in incoming.of(stage) {
            if let Node::Stage(from) = graph.edges[edge_idx].from
                && from != target
                && next[from.0].is_none()
            {
                next[from.0] = Some(edge_idx);
                open.push_back(from);
            }
        }
    }
    next
}

fn chain(graph: &StageGraph, next: &[Option<usize>], stage: StageId) -> Vec<usize> {
    let mut chain = Vec::new();
    let mut at = stage;
    while let Some(edge_idx) = next[at.0] {
        chain.push(edge_idx);
        at = graph.edges[edge_idx].to;
    }
    chain
}

/// The stages that refer to each stage, in file order, each once.
fn outgoing(graph: &StageGraph) -> Vec<Vec<StageId>> {
    let mut outgoing: Vec<Vec<StageId>> = vec![Vec::new(); graph.stages.len()];
    for edge in &graph.edges {
        if let Node::Stage(from) = edge.from
            && from != edge.to
            && outgoing[from.0].last() != Some(&edge.to)
        {
            outgoing[from.0].push(edge.to);
        }
    }
    outgoing
}

fn skip(
    graph: &StageGraph,
    outgoing: &[Vec<StageId>],
    names: &Names<'_>,
    target: StageId,
    stage: &Stage,
) -> Skip {
    let mut needed_by = Vec::new();
    let mut seen = std::collections::HashSet::from([stage.id]);
    let mut open = VecDeque::from([stage.id]);
    while let Some(id) = open.pop_front() {
        if can_be_target(graph, names, id) {
            needed_by.push(id);
        }
        if needed_by.len() == MAX_TARGETS {
            break;
        }
        open.extend(outgoing[id.0].iter().copied().filter(|&id| seen.insert(id)));
    }
    let namesake = stage.name.as_deref().and_then(|name| names.get(name).copied());
    Skip {
        referrers: outgoing[stage.id.0].clone(),
        needed_by,
        shadowed_by: namesake.filter(|&id| id != stage.id),
        after_target: stage.id > target,
    }
}

/// Whether a build can be asked for the stage: by its name, or because it is the last.
fn can_be_target(graph: &StageGraph, names: &Names<'_>, id: StageId) -> bool {
    let name = graph.stages[id.0].name.as_deref();
    id.0 + 1 == graph.stages.len() || name.is_some_and(|name| names.get(name) == Some(&id))
}

/// The reason in plain English.
pub(super) fn sentence(graph: &StageGraph, target: StageId, stage: &Stage, reason: &Reason) -> String {
    let is_last = graph.stages.last().is_some_and(|last| last.id == target);
    let sentence = match reason {
        Reason::Target if is_last => "The target: the last stage of the file.".to_owned(),
        Reason::Target => "The target.".to_owned(),
        Reason::Needed(need) => needed_sentence(graph, need),
        Reason::NotNeeded(skip) => return skip_sentence(graph, target, stage, skip),
    };
    match graph.base_source(stage.id) {
        Some(Source::NamedContext { name, .. }) if stage.replaced => {
            format!("{sentence} The named context {name} stands in for it: none of its instructions run.")
        }
        Some(_) | None => sentence,
    }
}

fn needed_sentence(graph: &StageGraph, need: &Need) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut what = "it".to_owned();
    // Nobody reads a sentence of hundreds of stages, and one for each of them takes long to write.
    let n_told = if need.chain.len() > MAX_TOLD { MAX_TOLD - 1 } else { need.chain.len() };
    let (told, left_out) = need.chain.split_at(n_told);
    for &edge_idx in told {
        let edge = &graph.edges[edge_idx];
        let user = graph.stages[edge.to.0].display_name();
        let onbuild = if edge.trigger { " through ONBUILD" } else { "" };
        parts.push(format!("{user} {} {what}{onbuild} (line {})", verb(edge.kind), line(graph, edge)));
        what = user;
    }
    if let Some(&last) = left_out.last() {
        let target = graph.stages[graph.edges[last].to.0].display_name();
        parts.push(format!("so on over {} more references up to {target}", left_out.len()));
    }
    format!("{}.", list(&parts, ", and "))
}

/// The line at which an edge is written.
fn line(graph: &StageGraph, edge: &Edge) -> u32 {
    graph.stages[edge.to.0].steps.get(edge.step).map_or(0, |step| step.lines.first)
}

fn skip_sentence(graph: &StageGraph, target: StageId, stage: &Stage, skip: &Skip) -> String {
    let name = |id: StageId| graph.stages[id.0].display_name();
    let target = name(target);
    let mut sentences = Vec::new();
    sentences.push(match skip.referrers.as_slice() {
        [] => "No stage refers to it.".to_owned(),
        [only] => format!("Only {0} refers to it, and {target} does not need {0}.", name(*only)),
        [one, other] => {
            format!("Only {} and {} refer to it, and {target} needs neither.", name(*one), name(*other))
        }
        many => {
            let shown: Vec<String> = many.iter().take(3).map(|&id| name(id)).collect();
            let shown = match many.len() - shown.len() {
                0 => list(&shown, " and "),
                more => format!("{} and {more} more", shown.join(", ")),
            };
            format!("Only {shown} refer to it, and {target} needs none of them.")
        }
    });
    if let Some(other) = skip.shadowed_by {
        let (shared, line) = (name(other), graph.stages[other.0].lines.first);
        sentences.push(format!(
            "The stage in line {line} is called {shared} too: --target and --from mean that one."
        ));
    }
    let nearest = skip.needed_by.first().copied();
    let what = if nearest == Some(stage.id) { "build" } else { "need" };
    match nearest.map(|id| Targetable::of(graph, id)) {
        Some(Targetable::ByName(name)) => sentences.push(format!("--target {name} would {what} it.")),
        Some(Targetable::DefaultOnly) => sentences.push(format!("A build without --target would {what} it.")),
        Some(Targetable::No { .. }) | None if stage.name.is_none() => {
            sentences.push("It has no name, so --target cannot ask for it.".to_owned());
        }
        Some(Targetable::No { .. }) | None => {}
    }
    sentences.join(" ")
}

/// `a, b` with `last` between the last two.
fn list(items: &[String], last: &str) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [start @ .., end] => format!("{}{last}{end}", start.join(", ")),
    }
}
