//! Two real builds beside each other: what became of each instruction, then and now.
//!
//! The two may be of one file or of two versions of it, by one engine or by two. Surprising: a step that both builds
//! took from the cache is no difference, however long the engine took to look it up.

use dockerfile::queries::cache::counterparts;
use dockerfile::queries::plan;
use dockerfile::stages::StageGraph;
use protocol::build::{Place, StepState};

use crate::fold::{Progress, RowState};

/// A build that is over.
#[derive(Clone, Copy)]
pub struct Build<'b> {
    /// The stages of what was built.
    pub graph: &'b StageGraph,
    /// How it went.
    pub progress: &'b Progress,
}

/// An instruction of both builds, or of one of them. At least one has a step for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Its stage, as it is called now, or was if it is gone.
    pub stage: String,
    /// Its text, as it is now, or was if it is gone.
    pub name: String,
    /// What it was then, if that was another text.
    pub was: Option<String>,
    /// Whether it only brings what its stage starts from.
    pub fetches: bool,
    /// How it was then; `None` if the file did not have it.
    pub then: Option<Half>,
    /// How it is now; `None` if the file does not have it any more.
    pub now: Option<Half>,
}

/// An instruction in one of the builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Half {
    /// Where it is in the Dockerfile.
    pub place: Place,
    /// How its steps were; `None` if it was none, or did not run.
    pub row: Option<RowState>,
}

/// What the instructions of a build came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many ran, to their end or not.
    pub ran: usize,
    /// How many were in the cache.
    pub cached: usize,
}

impl Pair {
    /// Whether the same became of it then and now. Times are never the same; and whether an image was there already, or
    /// had to be looked up, says nothing about a build.
    pub fn is_same(&self) -> bool {
        let state = |half: Option<Half>| match half?.row?.state {
            StepState::Cached if self.fetches => Some(StepState::Done),
            state => Some(state),
        };
        self.was.is_none() && self.then.is_some() == self.now.is_some() && state(self.then) == state(self.now)
    }
}

impl Sum {
    /// Counts the instructions that one build has steps for. A FROM only fetches, and is not counted.
    pub fn of(build: Build<'_>) -> Sum {
        let mut sum = Sum::default();
        for (place, row) in build.progress.rows() {
            let is_from = |step: &dockerfile::stages::Step| step.lines.first == place.line;
            let stage = build.graph.stages.get(place.stage);
            if stage.and_then(|stage| stage.steps.first()).is_some_and(is_from) {
                continue;
            }
            match row.state {
                StepState::Cached => sum.cached += 1,
                StepState::Done | StepState::Failed | StepState::Running => sum.ran += 1,
                // Stopped before it began, it did not run.
                StepState::Cancelled => sum.ran += usize::from(row.started.is_some()),
                StepState::Waiting => {}
            }
        }
        sum
    }
}

/// Holds two builds beside each other, in the order of the file of `now`.
pub fn beside(then: Build<'_>, now: Build<'_>) -> Vec<Pair> {
    let (rows_then, rows_now) = (then.progress.rows(), now.progress.rows());
    let half = |build: Build<'_>, rows: &std::collections::BTreeMap<Place, RowState>, at: plan::Place| {
        let line = build.graph.stages[at.stage.0].steps[at.row].lines.first;
        let place = Place { stage: at.stage.0, line };
        Half { place, row: rows.get(&place).copied() }
    };
    let text = |build: Build<'_>, at: plan::Place| {
        let step = &build.graph.stages[at.stage.0].steps[at.row];
        format!("{} {}", step.keyword, step.summary)
    };
    let stage = |build: Build<'_>, at: plan::Place| build.graph.stages[at.stage.0].display_name();
    // What a FROM is called changes nothing about what it brings.
    let is_renamed = |was: plan::Place, is: plan::Place| {
        let base = |build: Build<'_>, at: plan::Place| build.graph.stages[at.stage.0].base_expanded.clone();
        is.row == 0 && base(then, was) == base(now, is)
    };
    counterparts(then.graph, now.graph)
        .into_iter()
        .filter_map(|(was, is)| {
            let text_then = was.map(|at| text(then, at));
            let text_now = is.map(|at| text(now, at));
            let pair = Pair {
                stage: is.map(|at| stage(now, at)).or_else(|| was.map(|at| stage(then, at)))?,
                was: text_then.clone().filter(|_| {
                    was.zip(is).is_some_and(|(was, is)| text_now != text_then && !is_renamed(was, is))
                }),
                name: text_now.or(text_then)?,
                fetches: is.or(was).is_some_and(|at| at.row == 0),
                then: was.map(|at| half(then, &rows_then, at)),
                now: is.map(|at| half(now, &rows_now, at)),
            };
            let has_step = |half: Option<Half>| half.is_some_and(|half| half.row.is_some());
            (has_step(pair.then) || has_step(pair.now)).then_some(pair)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockerfile::stages::{BuildOptions, resolve};
    use dockerfile::syntax::parse;
    use protocol::build::{Event, Step, What};

    /// A build of which steps are told as (stage, line, state).
    fn check(
        then: (&str, &[(usize, u32, StepState)]),
        now: (&str, &[(usize, u32, StepState)]),
        expected: &[&str],
    ) {
        let graph = |text: &str| resolve(&parse(text), &BuildOptions::default());
        let progress = |steps: &[(usize, u32, StepState)]| {
            let event = |(id, &(stage, line, state)): (u32, &(usize, u32, StepState))| {
                let places = vec![Place { stage, line }];
                let step = Step { id, places, state, started: Some(0), ended: Some(5), ..Step::default() };
                Event { seq: u64::from(id) + 1, at: 5, what: What::Step(step) }
            };
            Progress::of(&(0..).zip(steps).map(event).collect::<Vec<_>>())
        };
        let (graph_then, graph_now) = (graph(then.0), graph(now.0));
        let (progress_then, progress_now) = (progress(then.1), progress(now.1));
        let pairs = beside(
            Build { graph: &graph_then, progress: &progress_then },
            Build { graph: &graph_now, progress: &progress_now },
        );
        let half = |half: Option<Half>| match half {
            None => "-".to_owned(),
            Some(Half { place, row }) => match row {
                Some(row) => format!("{} {:?}", place.line, row.state),
                None => format!("{} no", place.line),
            },
        };
        let line = |it: &Pair| {
            let was = it.was.as_ref().map(|was| format!(" was {was}")).unwrap_or_default();
            let same = if it.is_same() { " same" } else { "" };
            format!("{} {}{was}: {} | {}{same}", it.stage, it.name, half(it.then), half(it.now))
        };
        assert_eq!(pairs.iter().map(line).collect::<Vec<_>>(), expected);
    }

    const FILE: &str = "FROM busybox AS a\nENV x=1\nRUN one\nFROM busybox AS b\nRUN two\n";

    #[test]
    fn what_ran_then_may_be_cached_now() {
        use StepState::{Cached, Done};
        check(
            (FILE, &[(0, 1, Cached), (0, 3, Done), (1, 4, Cached), (1, 5, Done)]),
            (FILE, &[(0, 1, Done), (0, 3, Cached), (1, 4, Cached)]),
            &[
                "a FROM busybox AS a: 1 Cached | 1 Done same",
                "a RUN one: 3 Done | 3 Cached",
                "b FROM busybox AS b: 4 Cached | 4 Cached same",
                "b RUN two: 5 Done | 5 no",
            ],
        );
    }

    #[test]
    fn lines_that_moved_are_found() {
        use StepState::Done;
        let edited =
            "# a remark\nFROM busybox AS a\nENV x=1\nRUN one\nRUN more\nFROM busybox AS c\nRUN three\n";
        check(
            (FILE, &[(0, 3, Done), (1, 4, Done), (1, 5, Done)]),
            (edited, &[(0, 4, Done), (0, 5, Done), (1, 6, Done), (1, 7, Done)]),
            &[
                "a RUN one: 3 Done | 4 Done same",
                "a RUN more: - | 5 Done",
                "c FROM busybox AS c: 4 Done | 6 Done same",
                "c RUN three was RUN two: 5 Done | 7 Done",
            ],
        );
    }

    #[test]
    fn what_is_gone_is_told() {
        use StepState::Done;
        check(
            (FILE, &[(0, 3, Done), (1, 5, Done)]),
            ("FROM busybox AS a\n", &[]),
            &["a RUN one: 3 Done | -", "b RUN two: 5 Done | -"],
        );
    }
}
