//! What becomes of each instruction, in sentences.

use std::collections::HashMap;

use super::solve::{Found, Solved, inputs, is_ignored};
use super::wanted::Wanted;
use super::why::keyword;
use super::{Fate, FileChange, Forecast, StepForecast};
use crate::queries::ledger::commands_of;
use crate::queries::plan::{Op, Outside, Place, Plan, Vertex};
use crate::stages::{Stage, StageGraph, Start, join_path};
use crate::syntax::InstructionKind;

/// A sentence, and the step that is the cause.
pub(super) type Why = (String, Option<Place>);

pub(super) fn forecast(solved: &Solved<'_>) -> Forecast {
    let plan = solved.after.plan;
    let vertices: Vec<Option<Fate>> =
        (0..plan.vertices.len()).map(|id| Some(fate(solved, id, solved.found[id].as_ref()?))).collect();
    let (after, before) = (by_place(plan), by_place(solved.before.plan));
    let teller = Teller { solved, plan, vertices: &vertices, after, before };
    let mut steps = Vec::new();
    for stage in &plan.graph.stages {
        let is_needed = solved.after.cut.needs(stage.id);
        for row in 0..stage.steps.len() {
            let place = Place { stage: stage.id, row };
            let ids = teller.after.get(&place).map_or(&[][..], Vec::as_slice);
            let (fate, (sentence, cause)) = teller.step(stage, place, ids, is_needed);
            steps.push(StepForecast { place, line: stage.steps[row].lines.first, fate, sentence, cause });
        }
    }
    let runs = plan.vertices.iter().zip(&vertices).filter(|(_, fate)| **fate == Some(Fate::Runs));
    let cost = runs.map(|(vertex, _)| cost(vertex)).sum();
    Forecast { steps, vertices, cost }
}

/// A unit for each command of a RUN, for each COPY, ADD and WORKDIR.
fn cost(vertex: &Vertex<'_>) -> usize {
    match &vertex.op {
        Op::Run(running) => commands_of(running.ran, HashMap::new()).len().max(1),
        Op::Copy(_) | Op::Mkdir { .. } => 1,
        Op::Source(_) | Op::Document { .. } | Op::CacheDirectory | Op::Merge { .. } => 0,
    }
}

fn fate(solved: &Solved<'_>, id: usize, found: &Found) -> Fate {
    match found {
        Found::Cached { by_content: false, .. } => Fate::Cached,
        Found::Cached { by_content: true, .. } => {
            // Of a context all is looked at anew each time; that nothing of it has changed is no surprise.
            let vertices = &solved.after.plan.vertices;
            let inputs = inputs(vertices, id);
            let mut made = inputs.reads.iter().filter_map(|(from, ..)| *from);
            let is_anew = made.any(|from| vertices[from].context().is_none() && runs(solved, from));
            if is_anew { Fate::SameContent } else { Fate::Cached }
        }
        Found::Twin(twin) => match (&solved.after.plan.vertices[id].op, &solved.found[*twin]) {
            // Of an image nobody minds.
            (Op::Source(_), Some(found)) => fate(solved, *twin, found),
            (Op::Source(_), None)
            | (Op::Document { .. } | Op::CacheDirectory | Op::Mkdir { .. }, _)
            | (Op::Run(_) | Op::Copy(_) | Op::Merge { .. }, _) => Fate::Merged,
        },
        Found::Runs { .. } => match solved.after.plan.vertices[id].op {
            Op::Merge { files, .. } if !runs(solved, files) => Fate::Relinked,
            Op::Source(_)
            | Op::Document { .. }
            | Op::CacheDirectory
            | Op::Mkdir { .. }
            | Op::Run(_)
            | Op::Copy(_)
            | Op::Merge { .. } => Fate::Runs,
        },
    }
}

pub(super) fn runs(solved: &Solved<'_>, id: usize) -> bool {
    match &solved.found[id] {
        Some(Found::Runs { .. }) => true,
        Some(Found::Twin(twin)) => matches!(solved.found[*twin], Some(Found::Runs { .. })),
        Some(Found::Cached { .. }) | None => false,
    }
}

pub(super) struct Teller<'t> {
    pub(super) solved: &'t Solved<'t>,
    pub(super) plan: &'t Plan<'t>,
    vertices: &'t [Option<Fate>],
    /// By instruction: its vertices.
    pub(super) after: HashMap<Place, Vec<usize>>,
    pub(super) before: HashMap<Place, Vec<usize>>,
}

fn by_place(plan: &Plan<'_>) -> HashMap<Place, Vec<usize>> {
    let mut places: HashMap<Place, Vec<usize>> = HashMap::new();
    for (id, vertex) in plan.vertices.iter().enumerate() {
        if let Some(place) = vertex.place {
            places.entry(place).or_default().push(id);
        }
    }
    places
}

impl Teller<'_> {
    fn step(&self, stage: &Stage, place: Place, ids: &[usize], is_needed: bool) -> (Fate, Why) {
        if !is_needed {
            return (Fate::NotNeeded, ("The target does not need this stage".to_owned(), None));
        }
        // Of two that are as bad, the one that comes first.
        let fates = ids.iter().rev().filter_map(|&id| Some((self.vertices[id]?, id)));
        let worst = fates.max_by_key(|(fate, _)| *fate);
        let Some((fate, id)) = worst else { return self.without_vertex(stage, place, !ids.is_empty()) };
        let why = match fate {
            Fate::Runs => self.runs(place, id),
            Fate::Relinked => {
                let (_, cause) = self.other_base(place, id);
                let what = match cause {
                    Some(cause) => format!("what line {} makes", self.line(cause)),
                    None => "another image".to_owned(),
                };
                (format!("The files stay cached; they are only laid over {what}"), cause)
            }
            Fate::Merged => self.merged(id),
            Fate::SameContent => self.same_content(id),
            Fate::Cached => (self.cached(id), None),
            Fate::Settings | Fate::NotNeeded => (String::new(), None),
        };
        (fate, why)
    }

    /// Of an instruction that nothing runs for.
    fn without_vertex(&self, stage: &Stage, place: Place, is_pruned: bool) -> (Fate, Why) {
        let step = &stage.steps[place.row];
        let say = |text: &str| (text.to_owned(), None);
        if is_pruned || step.executes {
            return (Fate::NotNeeded, say("Nothing that the target needs takes from what this makes"));
        }
        let is_other = self.solved.rows.before(place).is_none_or(|before| {
            let graph = self.solved.before.plan.graph;
            let old = &graph.stages[before.stage.0].steps[before.row];
            let values = |graph: &StageGraph, place: Place| {
                let commands = &graph.stages[place.stage.0].commands;
                let at = commands.partition_point(|it| it.trigger.is_some() || it.step < place.row);
                commands.get(at).filter(|it| it.step == place.row).map(|it| it.effect.clone())
            };
            old.summary != step.summary || values(graph, before) != values(self.plan.graph, place)
        });
        let sentence = match (step.kind, is_other) {
            (InstructionKind::From, _) => match stage.start {
                Start::Empty => "It starts from nothing",
                Start::Stage(_) | Start::Image(_) | Start::UnknownImage => {
                    "It starts from what another stage has come to"
                }
            },
            (InstructionKind::Env, true) => "Each RUN below has it in its environment, used or not",
            (InstructionKind::Arg, true) => {
                "If it has a value, each RUN below has it in its environment, used or not"
            }
            (InstructionKind::Env | InstructionKind::Arg, false) => {
                "It is in the environment of each RUN below"
            }
            (InstructionKind::User, _) => "RUN and WORKDIR below are keyed by it; COPY is not",
            (InstructionKind::Shell, _) => "RUN below is keyed by it, where it is in shell form",
            (InstructionKind::Workdir, _) => "RUN below is keyed by it, and relative paths are seen from it",
            (
                InstructionKind::Add
                | InstructionKind::Cmd
                | InstructionKind::Copy
                | InstructionKind::Entrypoint
                | InstructionKind::Expose
                | InstructionKind::Healthcheck
                | InstructionKind::Label
                | InstructionKind::Maintainer
                | InstructionKind::Onbuild
                | InstructionKind::Run
                | InstructionKind::Stopsignal
                | InstructionKind::Unknown
                | InstructionKind::Volume,
                _,
            ) => "It is only in the image's configuration; no step is keyed by it",
        };
        (Fate::Settings, say(sentence))
    }

    fn merged(&self, id: usize) -> Why {
        let twin = match self.solved.found[id] {
            Some(Found::Twin(twin)) => self.plan.vertices[twin].place,
            Some(Found::Cached { .. } | Found::Runs { .. }) | None => None,
        };
        match twin {
            Some(twin) => (
                format!("It does the same to the same as line {}, so both are one step", self.line(twin)),
                Some(twin),
            ),
            None => ("Another stage takes the same, so both are one step".to_owned(), None),
        }
    }

    fn same_content(&self, id: usize) -> Why {
        let inputs = inputs(&self.plan.vertices, id);
        let from = inputs.reads.iter().filter_map(|(from, ..)| *from).find(|&from| runs(self.solved, from));
        let cause = from.and_then(|from| self.plan.vertices[from].place);
        let what = match self.plan.vertices[id].op {
            Op::Run(_) => "what it mounts",
            Op::Source(_)
            | Op::Document { .. }
            | Op::CacheDirectory
            | Op::Mkdir { .. }
            | Op::Copy(_)
            | Op::Merge { .. } => "what is copied",
        };
        let sentence = match cause {
            Some(cause) => format!(
                "Line {} runs again, but {what} is the same, so the change ends here and this stays cached",
                self.line(cause)
            ),
            None => {
                let is_image = from.is_some_and(|from| is_image(&self.plan.vertices[from].op));
                let where_from =
                    if is_image { "The image is another one now" } else { "It comes from elsewhere" };
                format!("{where_from}, but {what} is the same, so this stays cached")
            }
        };
        (sentence, cause)
    }

    fn cached(&self, id: usize) -> String {
        let vertex = &self.plan.vertices[id];
        let keyword = keyword(vertex);
        let reads = self.reads_of_contexts(id);
        if reads.is_empty() || self.solved.changes.files.is_empty() {
            return match vertex.op {
                Op::Source(_) => "The image is the same".to_owned(),
                Op::Document { .. }
                | Op::CacheDirectory
                | Op::Mkdir { .. }
                | Op::Run(_)
                | Op::Copy(_)
                | Op::Merge { .. } => "Nothing that it is keyed by has changed".to_owned(),
            };
        }
        let Some(change) = self.solved.changes.files.iter().find(|it| takes(&reads, it)) else {
            return format!("{keyword} takes nothing that has changed");
        };
        let path = &change.path;
        let ignores = [self.solved.after.ignore, self.solved.before.ignore];
        let by = ignores.into_iter().filter(|ignore| change.context.is_none() && is_ignored(*ignore, path));
        match by.flatten().next().map(|ignore| ignore.decide(path).by) {
            Some(Some((line, pattern))) => {
                format!("'{path}' is left out of the context by line {line} of .dockerignore, '{pattern}'")
            }
            Some(None) => format!("'{path}' is left out of the context"),
            None => format!("Of '{path}' only the time has changed, and times do not count"),
        }
    }

    /// What a vertex reads of contexts: the name of the context, and what of it.
    pub(super) fn reads_of_contexts(&self, id: usize) -> Vec<ContextRead<'_>> {
        let reads = inputs(&self.plan.vertices, id).reads.into_iter();
        let found = reads.filter_map(|(from, wanted, _)| {
            let context = self.plan.vertices[from?].context()?;
            Some(ContextRead { context, wanted })
        });
        found.collect()
    }

    pub(super) fn line(&self, place: Place) -> u32 {
        self.plan.graph.stages[place.stage.0].steps[place.row].lines.first
    }
}

fn is_image(op: &Op<'_>) -> bool {
    matches!(op, Op::Source(Outside::Image { .. }))
}

/// What a vertex reads of a context.
pub(super) struct ContextRead<'t> {
    context: Option<&'t str>,
    wanted: Wanted,
}

/// Whether a file that changed is among what is read.
pub(super) fn takes(reads: &[ContextRead<'_>], change: &FileChange) -> bool {
    let path = join_path(&["/", &change.path]);
    reads.iter().any(|read| read.context == change.context.as_deref() && read.wanted.holds(&path))
}
