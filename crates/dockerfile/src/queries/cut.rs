//! The cut: what BuildKit runs for a target, and what it leaves out.
//!
//! Follows `resolveTarget` and `allReachableStages` of `dockerfile2llb`, and the multi-stage chapter of the
//! documentation. Surprising: needed is not the same as run: a needed stage without instructions that execute
//! adds nothing, and one that is only named by a tmpfs mount is prepared but never used.

use std::collections::HashMap;
use std::ops::Range;

use super::reason::{self, Reason};
use crate::stages::{EdgeKind, Node, Source, SourceId, Stage, StageError, StageGraph, StageId, When};
use crate::suggest;
use crate::syntax::SyntaxError;

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// A build without `--target`: the last stage.
    #[default]
    Default,
    /// `--target NAME`.
    Name(String),
    /// A stage pointed at in a picture, whether or not `--target` could name it.
    Stage(StageId),
}

/// A target that does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetError {
    /// BuildKit's message.
    pub message: String,
    /// The name that may have been meant.
    pub suggestion: Option<String>,
}

/// What a build of one target does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The stage that is built.
    pub target: StageId,
    /// How one asks for it.
    pub targetable: Targetable,
    /// Every stage of the file, in file order.
    pub stages: Vec<StageCut>,
    /// How each of [`StageGraph::sources`] is used.
    pub sources: Vec<SourceUse>,
    /// The build context, if it is needed.
    pub context: Option<Context>,
    /// What BuildKit would refuse for this target, in its order; it stops at the first.
    pub errors: Vec<SyntaxError>,
    /// Whether BuildKit takes in all that the target needs. If there are errors all the same, they show when it
    /// puts the result together.
    pub converts: bool,
}

/// How a stage can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Targetable {
    /// `--target` with this name.
    ByName(String),
    /// Only by a build without `--target`.
    DefaultOnly,
    /// Not at all.
    No {
        /// Why, in a sentence.
        reason: String,
    },
}

/// What becomes of a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageCut {
    /// The stage.
    pub stage: StageId,
    /// Whether BuildKit needs it for the target.
    pub needed: bool,
    /// Whether its files are used on the way to the target. A stage can be needed and not used: a tmpfs mount
    /// that names it takes nothing from it.
    pub used: bool,
    /// Whether something in it executes: it is used, and has such instructions. For one row ask
    /// [`Cut::executes`].
    pub runs: bool,
    /// Why.
    pub reason: Reason,
    /// The same in plain English.
    pub sentence: String,
}

/// What becomes of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SourceUse {
    /// The target has nothing to do with it.
    Unused,
    /// BuildKit looks it up, but takes no files from it.
    LookedUp,
    /// Files come from it.
    Used,
}

/// What is asked of the build context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Context {
    /// All of it.
    Everything,
    /// These paths, sorted, relative to its root, wildcards as written.
    Paths(Vec<String>),
}

impl Target {
    /// The target of `--target`, or of a build without it.
    pub fn from_name(name: Option<&str>) -> Target {
        name.map_or(Target::Default, |name| Target::Name(name.to_owned()))
    }
}

impl Targetable {
    /// How a stage can be asked for.
    pub fn of(graph: &StageGraph, stage: StageId) -> Targetable {
        Targetable::among(graph, &names(graph), stage)
    }

    /// The same for all stages, in file order.
    pub fn all(graph: &StageGraph) -> Vec<Targetable> {
        let names = names(graph);
        graph.stages.iter().map(|stage| Targetable::among(graph, &names, stage.id)).collect()
    }

    /// The same, where all names are known.
    pub(super) fn among(graph: &StageGraph, names: &Names<'_>, stage: StageId) -> Targetable {
        let name = graph.stages.get(stage.0).and_then(|stage| stage.name.as_deref());
        let is_last = stage.0 + 1 == graph.stages.len();
        match name {
            Some(name) if names.get(name) == Some(&stage) => Targetable::ByName(name.to_owned()),
            Some(_) | None if is_last => Targetable::DefaultOnly,
            Some(name) => Targetable::No {
                reason: format!("A later stage is called {name} too, and --target {name} means that one."),
            },
            None => Targetable::No { reason: "It has no name, so --target cannot ask for it.".to_owned() },
        }
    }
}

impl Cut {
    /// Whether the stage is needed.
    pub fn needs(&self, stage: StageId) -> bool {
        self.stages.get(stage.0).is_some_and(|stage| stage.needed)
    }

    /// The shortest chain of references by which the target comes to need a stage, as indexes into
    /// [`StageGraph::edges`]: the first takes from the stage, each further one from the stage the last one leads to,
    /// and the last leads to the target. Nothing for the target itself and for a stage that it does not need.
    pub fn chain<'c>(&'c self, graph: &'c StageGraph, stage: StageId) -> impl Iterator<Item = usize> + 'c {
        reason::chain(graph, |stage| Some(&self.stages.get(stage.0)?.reason), stage)
    }

    /// Whether a row makes an operation of this build. The FROM (row 0) does so if an ONBUILD trigger does.
    pub fn executes(&self, graph: &StageGraph, stage: StageId, step: usize) -> bool {
        let (Some(cut), Some(stage)) = (self.stages.get(stage.0), graph.stages.get(stage.0)) else {
            return false;
        };
        let row_executes = stage.steps.get(step).is_some_and(|step| step.executes);
        cut.runs && (row_executes || step == 0 && stage.triggers.iter().any(|trigger| trigger.executes))
    }
}

/// Finds out what BuildKit would do for `target`.
///
/// # Errors
/// BuildKit's message if there is no such target.
pub fn cut(graph: &StageGraph, target: &Target) -> Result<Cut, TargetError> {
    let names = names(graph);
    let target = find_target(graph, &names, target)?;
    let incoming = Incoming::new(graph);
    let used = used(graph, &incoming, target);
    let reasons = reason::reasons(graph, &incoming, &names, target);
    let needed: Vec<bool> = reasons.iter().map(Reason::is_needed).collect();
    let sentences: Vec<String> =
        graph.stages.iter().map(|stage| reason::sentence(graph, &names, target, &reasons, stage)).collect();
    let stages = graph.stages.iter().zip(reasons).zip(sentences).map(|((stage, reason), sentence)| {
        let executes = stage.steps.iter().any(|step| step.executes)
            || stage.triggers.iter().any(|trigger| trigger.executes);
        StageCut {
            stage: stage.id,
            needed: needed[stage.id.0],
            used: used[stage.id.0],
            runs: used[stage.id.0] && executes,
            reason,
            sentence,
        }
    });
    let sources = source_uses(graph, &needed, &used);
    Ok(Cut {
        target,
        targetable: Targetable::among(graph, &names, target),
        stages: stages.collect(),
        context: context(graph, &needed, &sources),
        sources,
        errors: errors(graph, &needed, &used),
        converts: graph.errors.is_empty()
            && graph.stage_errors.iter().all(|it| it.when == When::End || !needed[it.stage.0]),
    })
}

/// The stage each name means: the last one that has it.
pub(super) type Names<'g> = HashMap<&'g str, StageId>;

fn names(graph: &StageGraph) -> Names<'_> {
    graph.stages.iter().filter_map(|stage| Some((stage.name.as_deref()?, stage.id))).collect()
}

fn find_target(graph: &StageGraph, names: &Names<'_>, target: &Target) -> Result<StageId, TargetError> {
    let Some(last) = graph.stages.last() else {
        return Err(TargetError {
            message: "dockerfile contains no stages to build".to_owned(),
            suggestion: None,
        });
    };
    let (name, found) = match target {
        Target::Default => return Ok(last.id),
        Target::Name(name) if name.is_empty() => return Ok(last.id),
        Target::Name(name) => (name.clone(), names.get(&*crate::stages::to_lower(name)).copied()),
        Target::Stage(id) => (format!("stage-{}", id.0), graph.stages.get(id.0).map(|stage| stage.id)),
    };
    found.ok_or_else(|| {
        let shown: Vec<String> = graph.stages.iter().map(Stage::display_name).collect();
        TargetError {
            message: format!("target stage {} could not be found", crate::stages::quote(&name)),
            suggestion: suggest::nearest(&name, shown.iter().map(String::as_str)),
        }
    })
}

/// The edges into each stage, as indexes into [`StageGraph::edges`], which is in the order of the stages.
pub(super) struct Incoming {
    /// Where the edges of each stage begin; one more for where those of the last end.
    starts: Vec<usize>,
}

impl Incoming {
    fn new(graph: &StageGraph) -> Incoming {
        let mut starts = Vec::with_capacity(graph.stages.len() + 1);
        for (edge_idx, edge) in graph.edges.iter().enumerate() {
            while starts.len() <= edge.to.0 {
                starts.push(edge_idx);
            }
        }
        starts.resize(graph.stages.len() + 1, graph.edges.len());
        Incoming { starts }
    }

    pub(super) fn of(&self, stage: StageId) -> Range<usize> {
        self.starts[stage.0]..self.starts[stage.0 + 1]
    }
}

/// Whether the files of each stage are used: those that `target` reaches along edges that carry some.
fn used(graph: &StageGraph, incoming: &Incoming, target: StageId) -> Vec<bool> {
    let mut used = vec![false; graph.stages.len()];
    let mut open = vec![target];
    used[target.0] = true;
    while let Some(stage) = open.pop() {
        for edge in &graph.edges[incoming.of(stage)] {
            if let Node::Stage(from) = edge.from
                && edge.carries
                && !std::mem::replace(&mut used[from.0], true)
            {
                open.push(from);
            }
        }
    }
    used
}

fn source_uses(graph: &StageGraph, needed: &[bool], used: &[bool]) -> Vec<SourceUse> {
    let mut uses = vec![SourceUse::Unused; graph.sources.len()];
    for edge in &graph.edges {
        if let Node::Source(SourceId(source)) = edge.from
            && needed[edge.to.0]
        {
            let found = if used[edge.to.0] && edge.carries { SourceUse::Used } else { SourceUse::LookedUp };
            uses[source] = uses[source].max(found);
        }
    }
    uses
}

/// What is sent of the context: BuildKit collects the paths of all needed stages.
fn context(graph: &StageGraph, needed: &[bool], sources: &[SourceUse]) -> Option<Context> {
    let is_used =
        |(source, usage): (&Source, &SourceUse)| *source == Source::Context && *usage == SourceUse::Used;
    if !graph.sources.iter().zip(sources).any(is_used) {
        return None;
    }
    let stages = graph.stages.iter().filter(|stage| needed[stage.id.0]);
    let paths = stages.flat_map(|stage| &stage.context_paths);
    let mut paths: Vec<&str> = paths.map(|path| path.trim_start_matches('/')).collect();
    if paths.contains(&"") {
        return Some(Context::Everything);
    }
    paths.sort_unstable();
    paths.dedup();
    Some(Context::Paths(paths.into_iter().map(str::to_owned).collect()))
}

/// The errors a build of the needed stages runs into, in BuildKit's order.
fn errors(graph: &StageGraph, needed: &[bool], used: &[bool]) -> Vec<SyntaxError> {
    let is_met = |error: &&StageError| match error.when {
        When::Sources | When::Triggers | When::Instructions => needed[error.stage.0],
        When::End => used[error.stage.0],
    };
    let mut of_stages: Vec<&StageError> = graph.stage_errors.iter().filter(is_met).collect();
    of_stages.sort_by_key(|error| error.when);
    graph.errors.iter().chain(of_stages.into_iter().map(|error| &error.error)).cloned().collect()
}

/// The verb for an edge: what the stage at its end does with the one at its start.
pub(super) fn verb(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Base => "starts from",
        EdgeKind::Copy => "copies from",
        EdgeKind::Mount => "mounts",
    }
}
