//! In which order the steps of a build can run: what waits for what, what can run at the same time, and the longest
//! chain, which no number of processors makes shorter.
//!
//! Follows BuildKit's solver: a step starts as soon as all that it takes from is there, and identical steps are one.
//! How long a step takes nobody knows before it has run, so each counts one; what comes from outside counts nothing,
//! and neither does what BuildKit prepares for itself, or files that `--link` lays over others.

use std::collections::HashMap;

use super::cut::Cut;
use super::plan::{Op, Place, Plan, StepKind};

/// The steps of a build and when they can run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// All steps, each behind those it waits for.
    pub tasks: Vec<Task>,
    /// How many rounds it takes where everything runs as early as it can: the length of the longest chain.
    pub n_rounds: usize,
    /// The most operations that are in one round.
    pub width: usize,
    /// How many operations the legacy builder runs, one after the other.
    pub n_legacy: usize,
}

/// A step of a build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Whether it counts: an operation of an instruction, which takes its time.
    pub counts: bool,
    /// BuildKit's name for it.
    pub name: String,
    /// The instructions it is of: none for what several have in common, several if they come to the same.
    pub places: Vec<Place>,
    /// The steps that have to be done before, by their place in [`Schedule::tasks`].
    pub waits_for: Vec<usize>,
    /// The earliest round in which it can run, from 1; 0 for what does not count.
    pub round: usize,
    /// The last round in which it can run without making the build longer.
    pub latest: usize,
}

impl Task {
    /// Whether the build gets longer if it is late: it lies on a longest chain.
    pub fn is_critical(&self) -> bool {
        self.counts && self.round == self.latest
    }
}

/// When the steps of a build of the cut's target can run. Right only if the cut has no errors.
pub fn schedule(plan: &Plan<'_>, cut: &Cut) -> Schedule {
    let mut tasks: Vec<Task> = Vec::new();
    let mut task_of: HashMap<usize, usize> = HashMap::new();
    for step in plan.steps(cut) {
        let vertex = &plan.vertices[step.vertex];
        let mut waits_for: Vec<usize> = vertex
            .inputs
            .iter()
            .filter_map(|&input| task_of.get(&plan.vertices[input].key).copied())
            .collect();
        waits_for.sort_unstable();
        waits_for.dedup();
        let before = waits_for.iter().map(|&task| tasks[task].round).max().unwrap_or(0);
        let counts = step.kind == StepKind::Operation && !matches!(vertex.op, Op::Merge { .. });
        let round = before + usize::from(counts);
        task_of.insert(vertex.key, tasks.len());
        tasks.push(Task { counts, name: step.name, places: Vec::new(), waits_for, round, latest: 0 });
    }
    plan.visit(cut.target, |id| {
        let vertex = &plan.vertices[id];
        let task = task_of.get(&vertex.key).and_then(|&task| tasks.get_mut(task));
        if let (Some(task), Some(place)) = (task, vertex.place) {
            task.places.push(place);
        }
    });
    let n_rounds = tasks.iter().map(|task| task.round).max().unwrap_or(0);
    let mut latest = vec![n_rounds; tasks.len()];
    for (at, task) in tasks.iter_mut().enumerate().rev() {
        task.places.sort_unstable();
        task.places.dedup();
        task.latest = latest[at];
        let start = latest[at] - usize::from(task.counts);
        for &before in &task.waits_for {
            latest[before] = latest[before].min(start);
        }
    }
    let mut in_round = vec![0; n_rounds + 1];
    tasks.iter().filter(|task| task.counts).for_each(|task| in_round[task.round] += 1);
    let above = plan.graph.stages.iter().take(cut.target.0 + 1);
    let n_legacy = above.map(|stage| {
        let triggers = stage.triggers.iter().filter(|trigger| trigger.executes).count();
        triggers + stage.steps.iter().filter(|step| step.executes).count()
    });
    Schedule { n_rounds, width: in_round.into_iter().max().unwrap_or(0), n_legacy: n_legacy.sum(), tasks }
}

impl Schedule {
    /// How many operations there are.
    pub fn n_operations(&self) -> usize {
        self.tasks.iter().filter(|task| task.counts).count()
    }

    /// All of it in a few sentences.
    pub fn sentence(&self) -> String {
        let n = self.n_operations();
        let steps = |n: usize| format!("{n} {}", if n == 1 { "step" } else { "steps" });
        let buildkit = match (n, self.width) {
            (0, _) => return "Nothing has to run: the image is its base with other settings.".to_owned(),
            (1, _) => "1 step.".to_owned(),
            (_, 1) => format!("{}, one after the other: each needs the one before.", steps(n)),
            (_, width) => format!(
                "{}, up to {width} of them at the same time. The longest chain has {}: with processors enough, the \
                 build takes as long as that.",
                steps(n),
                self.n_rounds
            ),
        };
        let n_merged: usize = self
            .tasks
            .iter()
            .filter(|task| task.counts)
            .map(|task| task.places.len().saturating_sub(1))
            .sum();
        let merged = match n_merged {
            0 => String::new(),
            1 => " One instruction comes to the same as another, so it runs once for both.".to_owned(),
            n => format!(" {n} instructions come to the same as others, so they do not run again."),
        };
        let legacy = match self.n_legacy {
            1 => String::new(),
            n => format!(" The legacy builder goes through {}, one after the other.", steps(n)),
        };
        buildkit + &merged + &legacy
    }
}
