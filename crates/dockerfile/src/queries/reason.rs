//! Why a stage is needed, or why not, as data and in plain English.
//!
//! Surprising: the reason that is told is the shortest way to the target, not every way; and a stage that
//! nothing needs can still be asked for by its name.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt::Write;

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

impl Reason {
    /// Whether it is one for which the stage is needed.
    pub fn is_needed(&self) -> bool {
        match self {
            Reason::Target | Reason::Needed(_) => true,
            Reason::NotNeeded(_) => false,
        }
    }
}

/// How the target comes to need a stage: the beginning of a shortest chain of references. [`super::Cut::chain`]
/// follows it to the end. Were each stage to hold all of its chain, a long row of them would hold very much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The first reference, as index into [`StageGraph::edges`]: it takes from the stage.
    pub next: usize,
    /// How many references there are, up to the target.
    pub n_references: usize,
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
) -> Vec<Reason> {
    let needs = needs(graph, incoming, target);
    // All but the target, if they are all needed.
    let is_complete = needs.iter().flatten().count() + 1 == graph.stages.len();
    let outgoing = if is_complete { Vec::new() } else { outgoing(graph) };
    let stages = graph.stages.iter().zip(needs);
    stages
        .map(|(stage, need)| match need {
            _ if stage.id == target => Reason::Target,
            Some(need) => Reason::Needed(need),
            None => Reason::NotNeeded(skip(graph, &outgoing, names, target, stage)),
        })
        .collect()
}

/// For each needed stage but the target itself, how the target comes to need it.
fn needs(graph: &StageGraph, incoming: &Incoming, target: StageId) -> Vec<Option<Need>> {
    let mut needs: Vec<Option<Need>> = vec![None; graph.stages.len()];
    // In the order in which they are reached; those from `at` on are still to be asked.
    let mut open = Vec::with_capacity(graph.stages.len());
    open.push(target);
    let mut at = 0;
    while let Some(&stage) = open.get(at) {
        at += 1;
        let n_references = needs[stage.0].map_or(1, |need| need.n_references + 1);
        for next in incoming.of(stage) {
            if let Node::Stage(from) = graph.edges[next].from
                && from != target
                && needs[from.0].is_none()
            {
                needs[from.0] = Some(Need { next, n_references });
                open.push(from);
            }
        }
    }
    needs
}

/// The references by which the target comes to need a stage: the first takes from it, each further one from the stage
/// that the one before leads to, and the last leads to the target.
pub(super) fn chain<'r>(
    graph: &'r StageGraph,
    reason: impl Fn(StageId) -> Option<&'r Reason> + 'r,
    stage: StageId,
) -> impl Iterator<Item = usize> + 'r {
    let next = move |stage: StageId| match reason(stage)? {
        Reason::Needed(need) => Some(need.next),
        Reason::Target | Reason::NotNeeded(_) => None,
    };
    std::iter::successors(next(stage), move |&edge_idx| next(graph.edges.get(edge_idx)?.to))
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

/// The reason of a stage in plain English.
pub(super) fn sentence(
    graph: &StageGraph,
    names: &Names<'_>,
    target: StageId,
    reasons: &[Reason],
    stage: &Stage,
) -> String {
    let is_last = graph.stages.last().is_some_and(|last| last.id == target);
    let sentence = match &reasons[stage.id.0] {
        Reason::Target if is_last => "The target: the last stage of the file.".to_owned(),
        Reason::Target => "The target.".to_owned(),
        Reason::Needed(need) => {
            let chain = chain(graph, |id| reasons.get(id.0), stage.id);
            needed_sentence(graph, target, need.n_references, chain)
        }
        Reason::NotNeeded(skip) => return skip_sentence(graph, names, target, stage, skip),
    };
    match graph.base_source(stage.id) {
        Some(Source::NamedContext { name, .. }) if stage.replaced => {
            format!("The named context {name} stands in for it: none of its instructions run. {sentence}")
        }
        Some(_) | None => sentence,
    }
}

fn needed_sentence(
    graph: &StageGraph,
    target: StageId,
    n_references: usize,
    chain: impl Iterator<Item = usize>,
) -> String {
    let mut sentence = String::with_capacity(48 * n_references.min(MAX_TOLD));
    let mut what = Cow::Borrowed("it");
    // Nobody reads a sentence of hundreds of stages, and one for each of them takes long to write.
    let n_told = if n_references > MAX_TOLD { MAX_TOLD - 1 } else { n_references };
    for (told, edge_idx) in chain.take(n_told).enumerate() {
        let edge = &graph.edges[edge_idx];
        let user = graph.stages[edge.to.0].display_name();
        sentence += match told {
            0 => "",
            _ if told + 1 == n_references => ", and ",
            _ => ", ",
        };
        sentence += &user;
        for part in [" ", verb(edge.kind), " ", &what] {
            sentence += part;
        }
        if edge.trigger {
            sentence += " through ONBUILD";
        }
        write!(sentence, " (line {})", line(graph, edge)).ok();
        what = Cow::Owned(user);
    }
    if n_references > n_told {
        let n_more = n_references - n_told;
        write!(
            sentence,
            ", and so on over {n_more} more references up to {}",
            graph.stages[target.0].display_name()
        )
        .ok();
    }
    sentence + "."
}

/// The line at which an edge is written.
fn line(graph: &StageGraph, edge: &Edge) -> u32 {
    graph.stages[edge.to.0].steps.get(edge.step).map_or(0, |step| step.lines.first)
}

fn skip_sentence(
    graph: &StageGraph,
    names: &Names<'_>,
    target: StageId,
    stage: &Stage,
    skip: &Skip,
) -> String {
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
    match nearest.map(|id| Targetable::among(graph, names, id)) {
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
