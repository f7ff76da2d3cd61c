//! A real build beside what was foretold: every step that should run or stay away, what should come from the cache, and
//! the files of the final image.
//!
//! Surprising: WORKDIR may come from the cache even where that is not asked (`dispatchWorkdir` of dockerfile2llb leaves
//! `--no-cache` out), and so may what a build just before had in hand when this one fails. And only what a build has come to can be held against it. After a failure, a step that has not begun says
//! nothing; and a file of a base image, or of a RUN that may write anything, was never foretold and is no difference.

use std::collections::{BTreeMap, BTreeSet};

use dockerfile::context::BuildContext;
use dockerfile::queries::cache::{Fate, Forecast};
use dockerfile::queries::ledger::{Certainty, Entry, How, Ledger, Making, Place as LedgerPlace, Shape};
use dockerfile::queries::plan::Place as Row;
use dockerfile::queries::{Cut, Plan, StepKind, Target, base_source, cut, ledger_with, legacy, refusals};
use dockerfile::stages::{self, BuildOptions, Source, StageGraph, StageId};
use dockerfile::syntax::{self, InstructionKind};
use protocol::build::{End, FileList, Mapped, Place, StepState};

use crate::fold::{Progress, RowState};

/// What was built.
#[derive(Clone, Copy)]
pub struct Subject<'s> {
    /// The Dockerfile.
    pub dockerfile: &'s str,
    /// The stage asked for; `None` for the last one.
    pub target: Option<&'s str>,
    /// What it was given.
    pub options: &'s BuildOptions,
    /// The files of its build context, if they are known.
    pub context: Option<&'s BuildContext>,
    /// Whether the builder before BuildKit made it.
    pub legacy: bool,
}

/// What is said beforehand of the cache.
#[derive(Clone, Copy)]
pub enum Cache<'f> {
    /// Nothing: nobody knows what is in it.
    Unknown,
    /// It is not asked, so that every step runs.
    Unused,
    /// What becomes of each step after the build before.
    Foretold(&'f Forecast),
}

/// A build and what was foretold of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Why nothing was foretold: the Dockerfile is refused, or there is no such target.
    pub refused: Option<String>,
    /// The instructions, in the order of the file; behind them what was not foretold at all.
    pub steps: Vec<ComparedStep>,
    /// The paths of the final image that were foretold, or should not be there; empty if its files are not known.
    pub paths: Vec<ComparedPath>,
    /// How many files of the image nobody foretold, and nobody could have: they are of a base image, or of a RUN.
    pub n_unforetold: usize,
}

/// An instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedStep {
    /// Where it is; `None` for a step of the engine's that is no instruction we know.
    pub place: Option<Place>,
    /// Its text, or the engine's name for the step.
    pub name: String,
    /// What was foretold.
    pub told: Told,
    /// What was seen; `None` if the engine has no such step.
    pub seen: Option<StepState>,
    /// Whether that is the same.
    pub verdict: Verdict,
}

/// What was foretold of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It is a step of the build, cached or not.
    Step,
    /// It runs.
    Runs,
    /// It comes from the cache.
    Cached,
    /// It is no step: it only changes settings.
    Setting,
    /// The target does not need its stage.
    NotNeeded,
    /// Nothing.
    Nothing,
}

/// Whether what was foretold came true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It did.
    Agrees,
    /// It did not.
    Differs,
    /// The build has not come so far, or never did.
    Open,
}

/// A path of the final image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedPath {
    /// The path, from `/`.
    pub path: String,
    /// The instruction that should put it there; `None` if nobody foretold it.
    pub place: Option<Place>,
    /// How sure that was.
    pub certainty: Certainty,
    /// Whether it should be there.
    pub told: bool,
    /// Whether it is there.
    pub seen: bool,
}

impl ComparedPath {
    /// Whether what was foretold came true. What was only likely may not.
    pub fn verdict(&self) -> Verdict {
        match (self.told == self.seen, self.certainty) {
            (true, _) => Verdict::Agrees,
            (false, Certainty::Certain) => Verdict::Differs,
            (false, Certainty::Likely | Certainty::Unknown) => Verdict::Open,
        }
    }
}

impl Comparison {
    /// How many steps have one verdict.
    pub fn n_steps(&self, verdict: Verdict) -> usize {
        self.steps.iter().filter(|step| step.verdict == verdict).count()
    }

    /// How many paths have one verdict.
    pub fn n_paths(&self, verdict: Verdict) -> usize {
        self.paths.iter().filter(|path| path.verdict() == verdict).count()
    }

    /// How much came out otherwise than it was foretold.
    pub fn n_differences(&self) -> usize {
        self.n_steps(Verdict::Differs) + self.n_paths(Verdict::Differs)
    }
}

/// Holds a build against what was foretold of it. `files` are those of the stage that was built.
pub fn compare(
    subject: Subject<'_>,
    progress: &Progress,
    cache: Cache<'_>,
    files: Option<&FileList>,
) -> Comparison {
    let parse = syntax::parse(subject.dockerfile);
    let graph = stages::resolve(&parse, subject.options);
    let refused = |message: String| Comparison { refused: Some(message), ..Comparison::default() };
    if let Some(error) = parse.errors.iter().chain(&graph.errors).next() {
        return refused(error.message.clone());
    }
    let cut = match cut(&graph, &Target::from_name(subject.target)) {
        Ok(cut) => cut,
        Err(error) => return refused(error.message),
    };
    if let Some(error) = cut.errors.first() {
        return refused(error.message.clone());
    }
    if subject.legacy {
        if let Some(refusal) = refusals(&parse).first() {
            return refused(format!(
                "line {}: the legacy builder does not know {}",
                refusal.line, refusal.what
            ));
        }
        return Comparison { steps: legacy_steps(&graph, &cut, progress), ..Comparison::default() };
    }
    let plan = Plan::of(subject.dockerfile, &parse, &graph);
    let mut comparison =
        Comparison { steps: compared_steps(&plan, &cut, progress, cache), ..Comparison::default() };
    if let Some(files) = files.filter(|files| files.stage == cut.target.0) {
        let ledger = ledger_with(&graph, &cut, subject.context);
        compared_paths(&graph, &cut, &ledger, files, &mut comparison);
    }
    comparison
}

fn compared_steps(plan: &Plan<'_>, cut: &Cut, progress: &Progress, cache: Cache<'_>) -> Vec<ComparedStep> {
    let foretold: BTreeSet<u32> = plan
        .steps(cut)
        .into_iter()
        .filter(|step| step.kind != StepKind::Internal)
        .flat_map(|step| step.lines)
        .collect();
    let rows = progress.rows();
    let is_whole = progress.outcome().is_some_and(|outcome| outcome.end == End::Succeeded);
    let mut compared = Vec::new();
    for stage in &plan.graph.stages {
        for (row, step) in stage.steps.iter().enumerate() {
            let place = Place { stage: stage.id.0, line: step.lines.first };
            let cache = match cache {
                Cache::Unused if !is_whole || step.kind == InstructionKind::Workdir => Cache::Unknown,
                cache => cache,
            };
            let told = match foretold.contains(&place.line) {
                true => told_of_cache(cache, Row { stage: stage.id, row }),
                false if !cut.needs(stage.id) => Told::NotNeeded,
                false => Told::Setting,
            };
            let seen = rows.get(&place).map(|row| row.state);
            let verdict = verdict(told, rows.get(&place), is_whole);
            let name = format!("{} {}", step.keyword, step.summary);
            compared.push(ComparedStep { place: Some(place), name, told, seen, verdict });
        }
    }
    let unknown = progress.steps.iter().filter(|step| step.mapped == Mapped::Unknown);
    compared.extend(unknown.map(|step| ComparedStep {
        place: None,
        name: step.name.clone(),
        told: Told::Nothing,
        seen: Some(step.state),
        verdict: Verdict::Differs,
    }));
    compared
}

/// The builder before BuildKit runs whole stages, from the top down to the target; settings are steps there.
fn legacy_steps(graph: &StageGraph, cut: &Cut, progress: &Progress) -> Vec<ComparedStep> {
    let rows = progress.rows();
    let is_whole = progress.outcome().is_some_and(|outcome| outcome.end == End::Succeeded);
    let runs = legacy(graph, cut).runs;
    let steps = graph.stages.iter().flat_map(|stage| stage.steps.iter().map(move |step| (stage, step)));
    steps
        .map(|(stage, step)| {
            let place = Place { stage: stage.id.0, line: step.lines.first };
            let told = if runs[stage.id.0] { Told::Step } else { Told::NotNeeded };
            ComparedStep {
                place: Some(place),
                name: format!("{} {}", step.keyword, step.summary),
                told,
                seen: rows.get(&place).map(|row| row.state),
                verdict: verdict(told, rows.get(&place), is_whole),
            }
        })
        .collect()
}

/// What is foretold of a step of the build. A FROM only fetches; whether that is in the cache says nothing.
fn told_of_cache(cache: Cache<'_>, row: Row) -> Told {
    match cache {
        _ if row.row == 0 => Told::Step,
        Cache::Unknown => Told::Step,
        Cache::Unused => Told::Runs,
        Cache::Foretold(forecast) => match forecast.at(row).map(|step| step.fate) {
            Some(Fate::Runs) => Told::Runs,
            Some(Fate::Cached | Fate::SameContent) => Told::Cached,
            Some(Fate::Merged | Fate::Relinked | Fate::NotNeeded | Fate::Settings) | None => Told::Step,
        },
    }
}

fn verdict(told: Told, seen: Option<&RowState>, is_whole: bool) -> Verdict {
    let state = seen.map(|row| row.state);
    let has_come = match state {
        Some(StepState::Done | StepState::Cached | StepState::Failed) => true,
        // A solver that finds what it wants further down does not come to all that is above.
        Some(StepState::Waiting) => is_whole,
        // It has begun, so it is a step; what it comes to is open.
        Some(StepState::Running | StepState::Cancelled) | None => false,
    };
    match told {
        Told::Step if has_come => Verdict::Agrees,
        Told::Runs if has_come => agrees(matches!(state, Some(StepState::Done | StepState::Failed))),
        Told::Cached if has_come => agrees(matches!(state, Some(StepState::Cached | StepState::Waiting))),
        Told::Step | Told::Runs | Told::Cached => match state {
            None if is_whole => Verdict::Differs,
            _ => Verdict::Open,
        },
        Told::Setting | Told::NotNeeded | Told::Nothing => match state {
            Some(_) => Verdict::Differs,
            None if is_whole => Verdict::Agrees,
            None => Verdict::Open,
        },
    }
}

fn agrees(it: bool) -> Verdict {
    if it { Verdict::Agrees } else { Verdict::Differs }
}

fn compared_paths(
    graph: &StageGraph,
    cut: &Cut,
    ledger: &Ledger,
    files: &FileList,
    comparison: &mut Comparison,
) {
    let there: BTreeMap<&str, &str> =
        files.entries.iter().map(|entry| (entry.path.as_str(), entry.kind.as_str())).collect();
    let mut claimed: BTreeMap<String, Claim> = BTreeMap::new();
    for entry in &ledger.entries {
        let Some(node) = ledger.node(entry.node).filter(|node| node.place == LedgerPlace::Stage(cut.target))
        else {
            continue;
        };
        let claim = Claim::of(graph, ledger, entry, node.shape, node.makings.first());
        // Of two that say something of a path, the surer one counts.
        let known = claimed.entry(node.path.clone()).or_insert(claim);
        if claim.certainty <= known.certainty {
            *known = claim;
        }
    }
    for (path, claim) in &claimed {
        let is_checkable = claim.is_exact && path != "/";
        let seen = there.contains_key(path.as_str());
        // A list that was cut short does not say what is not there.
        if is_checkable && (seen || !files.partial) {
            let Claim { place, certainty, is_there, .. } = *claim;
            comparison.paths.push(ComparedPath {
                path: path.clone(),
                place,
                certainty,
                told: is_there,
                seen,
            });
        }
    }
    let may_be_anything =
        !ledger.opaque.is_empty() || has_foreign_base(graph, cut.target) || ledger.is_cut_short;
    for (path, kind) in there {
        if kind == "directory" || is_foretold(&claimed, path) {
            continue;
        }
        match may_be_anything {
            true => comparison.n_unforetold += 1,
            false => comparison.paths.push(ComparedPath {
                path: path.to_owned(),
                place: None,
                certainty: Certainty::Certain,
                told: false,
                seen: true,
            }),
        }
    }
}

/// What the ledger says of a path.
#[derive(Clone, Copy)]
struct Claim {
    place: Option<Place>,
    certainty: Certainty,
    /// Whether it should be there at the end.
    is_there: bool,
    /// Whether it is about this one path.
    is_exact: bool,
    /// Whether what is below the path is meant too.
    is_tree: bool,
}

impl Claim {
    fn of(
        graph: &StageGraph,
        ledger: &Ledger,
        entry: &Entry,
        shape: Shape,
        making: Option<&Making>,
    ) -> Claim {
        let at = entry.at;
        let line = graph.stages.get(at.stage.0).and_then(|stage| stage.steps.get(at.step));
        let how = making.map(|making| &making.how);
        let is_gone = entry.removed_by.is_some() || matches!(how, Some(How::Nothing | How::Mount { .. }));
        let sure = match entry.removed_by {
            // That a command removes something is read in its text.
            Some(_) => Certainty::Likely,
            None => ledger.certainty(entry.node).min(made(making)),
        };
        Claim {
            place: line.map(|step| Place { stage: at.stage.0, line: step.lines.first }),
            certainty: sure,
            is_there: !is_gone,
            is_exact: shape != Shape::Pattern,
            is_tree: matches!(shape, Shape::Tree | Shape::Either | Shape::Pattern),
        }
    }
}

/// How sure it is that a path is there: what COPY puts there is, wherever it comes from.
fn made(making: Option<&Making>) -> Certainty {
    match making {
        Some(Making { how: How::Copy | How::Fetch | How::Workdir, certainty, .. }) => *certainty,
        _ => Certainty::Unknown,
    }
}

/// Whether a stage starts from files that are not told in the text.
fn has_foreign_base(graph: &StageGraph, target: StageId) -> bool {
    !matches!(base_source(graph, target), Some(Source::Scratch))
}

/// Whether a path, or a directory above it with all that is in it, was foretold.
fn is_foretold(claimed: &BTreeMap<String, Claim>, path: &str) -> bool {
    let mut above = path;
    if claimed.contains_key(path) {
        return true;
    }
    while let Some((rest, _)) = above.rsplit_once('/') {
        let key = if rest.is_empty() { "/" } else { rest };
        if claimed.get(key).is_some_and(|claim| claim.is_tree) {
            return true;
        }
        above = rest;
    }
    // A pattern names what it finds only when it finds it.
    claimed.iter().any(|(pattern, claim)| {
        let fixed = pattern.split(['*', '?', '[', '{']).next().unwrap_or_default();
        !claim.is_exact && path.starts_with(fixed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::build::{Event, FileEntry, Outcome, Step, What};

    const FILE: &str = "\
FROM busybox AS build
ENV A=1
RUN echo x > /x
COPY main.c /src/
FROM busybox AS test
RUN test
FROM scratch
COPY --from=build /src/main.c /main.c
";

    /// A build of which the engine shows steps: line, state.
    fn built(steps: &[(usize, u32, StepState)], end: Option<End>) -> Progress {
        let step = |(id, &(stage, line, state)): (u32, &(usize, u32, StepState))| {
            let (places, mapped) = match line {
                0 => (Vec::new(), Mapped::Unknown),
                line => (vec![Place { stage, line }], Mapped::ByName),
            };
            What::Step(Step { id, name: format!("step {line}"), places, mapped, state, ..Step::default() })
        };
        let steps = (0..).zip(steps).map(step);
        let end = end.map(|end| What::Finished(Outcome { end, ..Outcome::default() }));
        let events: Vec<Event> =
            (1..).zip(steps.chain(end)).map(|(seq, what)| Event { seq, at: seq, what }).collect();
        Progress::of(&events)
    }

    fn files(paths: &[&str]) -> FileList {
        let entry = |path: &&str| FileEntry {
            path: (*path).to_owned(),
            kind: "file".to_owned(),
            ..FileEntry::default()
        };
        FileList { stage: 2, entries: paths.iter().map(entry).collect(), partial: false }
    }

    /// What differs, and what stays open, in words.
    fn check(progress: &Progress, cache: Cache<'_>, files: Option<&FileList>) -> (Vec<String>, usize) {
        let options = BuildOptions::default();
        let subject =
            Subject { dockerfile: FILE, target: None, options: &options, context: None, legacy: false };
        let comparison = compare(subject, progress, cache, files);
        assert_eq!(comparison.refused, None);
        let steps = comparison.steps.iter().filter(|step| step.verdict == Verdict::Differs);
        let steps = steps.map(|step| {
            format!(
                "{}: told {:?}, seen {:?}",
                step.place.map_or(0, |place| place.line),
                step.told,
                step.seen
            )
        });
        let paths = comparison.paths.iter().filter(|path| path.verdict() == Verdict::Differs);
        let paths = paths.map(|path| format!("{}: told {}, seen {}", path.path, path.told, path.seen));
        (steps.chain(paths).collect(), comparison.n_steps(Verdict::Open))
    }

    const WHOLE: [(usize, u32, StepState); 4] = [
        (0, 1, StepState::Cached),
        (0, 3, StepState::Done),
        (0, 4, StepState::Done),
        (2, 8, StepState::Done),
    ];

    #[test]
    fn a_build_as_foretold() {
        let progress = built(&WHOLE, Some(End::Succeeded));
        assert_eq!(check(&progress, Cache::Unused, Some(&files(&["/main.c"]))), (vec![], 0));
    }

    #[test]
    fn what_runs_and_should_not() {
        let steps: Vec<_> = WHOLE.into_iter().chain([(1, 6, StepState::Done)]).collect();
        let progress = built(&steps, Some(End::Succeeded));
        assert_eq!(check(&progress, Cache::Unused, None).0, ["6: told NotNeeded, seen Some(Done)"]);
    }

    #[test]
    fn what_should_run_and_does_not() {
        let progress = built(&WHOLE[..3], Some(End::Succeeded));
        assert_eq!(check(&progress, Cache::Unused, None).0, ["8: told Runs, seen None"]);
    }

    #[test]
    fn a_step_that_nobody_knows() {
        let steps: Vec<_> = WHOLE.into_iter().chain([(0, 0, StepState::Done)]).collect();
        let progress = built(&steps, Some(End::Succeeded));
        assert_eq!(check(&progress, Cache::Unused, None).0, ["0: told Nothing, seen Some(Done)"]);
    }

    #[test]
    fn a_cached_step_without_a_cache() {
        let mut steps = WHOLE;
        steps[1].2 = StepState::Cached;
        let progress = built(&steps, Some(End::Succeeded));
        assert_eq!(check(&progress, Cache::Unused, None).0, ["3: told Runs, seen Some(Cached)"]);
        assert_eq!(check(&progress, Cache::Unknown, None).0, [""; 0]);
    }

    #[test]
    fn after_a_failure_the_rest_is_open() {
        let mut steps = WHOLE;
        steps[1].2 = StepState::Failed;
        steps[2].2 = StepState::Cancelled;
        let progress = built(&steps[..3], Some(End::Failed));
        let (differences, n_open) = check(&progress, Cache::Unused, None);
        assert_eq!(differences, [""; 0]);
        // ENV, COPY, the stage that is not needed with two lines, and the last one with two.
        assert_eq!(n_open, 6);
    }

    #[test]
    fn files_that_are_missing_and_files_too_many() {
        let progress = built(&WHOLE, Some(End::Succeeded));
        let (differences, _) = check(&progress, Cache::Unknown, Some(&files(&["/etc/surprise"])));
        assert_eq!(differences, ["/main.c: told true, seen false", "/etc/surprise: told false, seen true"]);
    }

    #[test]
    fn what_is_refused_is_not_foretold() {
        let options = BuildOptions::default();
        let subject =
            Subject { dockerfile: "FORM x", target: None, options: &options, context: None, legacy: false };
        let comparison = compare(subject, &Progress::default(), Cache::Unknown, None);
        assert_eq!(comparison.refused.as_deref(), Some("unknown instruction: FORM"));
    }
}
