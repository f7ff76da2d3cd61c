//! Stages: how many there are, what they are called, which of them run, and what they take from where.

use dockerfile::queries::{self, Cut};
use dockerfile::stages::{EdgeKind, Node, Source, Stage, StageId, Start};

use super::{Slot, image};
use crate::work::{Asked, Outcome, Verdict};

pub(super) fn count(asked: &Asked<'_>) -> Verdict {
    counted(asked, |there, wanted| there == wanted)
}

pub(super) fn at_least(asked: &Asked<'_>) -> Verdict {
    counted(asked, |there, wanted| there >= wanted)
}

fn counted(asked: &Asked<'_>, is_met: fn(usize, usize) -> bool) -> Verdict {
    let stages = &asked.view.graph.stages;
    let why = match stages.len() {
        1 => "There is 1 stage".to_owned(),
        n => format!("There are {n} stages"),
    };
    let verdict = Verdict::of(is_met(stages.len(), asked.goal.number()), why);
    match stages.last() {
        Some(last) => verdict.at(asked.first_line(last)),
        None => verdict,
    }
}

pub(super) fn named(asked: &Asked<'_>) -> Verdict {
    let name = asked.goal.value(Slot::Stage);
    let is_it = |stage: &&Stage| stage.name.as_deref() == Some(name);
    match asked.view.graph.stages.iter().find(is_it) {
        Some(stage) => {
            Verdict::met(format!("Line {} names it", stage.lines.first)).at(asked.first_line(stage))
        }
        None => asked.stage(name).err().unwrap_or(Verdict::unmet(format!("No stage has the name {name}"))),
    }
}

pub(super) fn all_named(asked: &Asked<'_>) -> Verdict {
    match asked.view.graph.stages.iter().find(|stage| stage.name.is_none()) {
        Some(stage) => {
            Verdict::unmet(format!("The stage that begins in line {} has none", stage.lines.first))
                .at(asked.first_line(stage))
        }
        None => Verdict::met("Each has one"),
    }
}

/// Whether a stage runs for the target of the goal, if it names one.
pub(super) fn runs(asked: &Asked<'_>) -> Verdict {
    told(asked, |asked, stage, cut| asked.runs(stage, cut))
}

pub(super) fn runs_not(asked: &Asked<'_>) -> Verdict {
    told(asked, |asked, stage, cut| asked.runs(stage, cut).not())
}

fn told(asked: &Asked<'_>, judge: fn(&Asked<'_>, &Stage, &Cut) -> Verdict) -> Verdict {
    let stage = match asked.stage(asked.goal.value(Slot::Stage)) {
        Ok(stage) => stage,
        Err(verdict) => return verdict,
    };
    if !asked.goal.has(Slot::Target) {
        return judge(asked, stage, asked.cut);
    }
    let name = asked.goal.value(Slot::Target);
    let options = asked
        .work
        .options(&crate::Conditions { target: Some(name.to_owned()), ..asked.goal.conditions.clone() });
    let view = asked.work.view(options);
    match (&view.cut, view.failure(asked.work)) {
        (Ok(cut), None) => judge(asked, stage, cut),
        (_, Some((message, range))) => {
            Verdict::unmet(format!("Target {name} cannot be built: {message}")).at(range)
        }
        (Err(error), None) => Verdict::unmet(error.message.clone()),
    }
}

pub(super) fn runs_for_target_alone(asked: &Asked<'_>) -> Verdict {
    let with_target = runs(asked);
    if with_target.outcome != Outcome::Met {
        return with_target;
    }
    match asked.stage(asked.goal.value(Slot::Stage)) {
        Ok(stage) => {
            let by_default = asked.runs(stage, asked.cut).not();
            let why = match by_default.outcome {
                Outcome::Met => format!("{}, and by default: {}", with_target.why, by_default.why),
                Outcome::Unmet | Outcome::Unknown => format!("It runs by default too: {}", by_default.why),
            };
            Verdict { why, ..by_default }
        }
        Err(verdict) => verdict,
    }
}

impl Asked<'_> {
    fn runs(&self, stage: &Stage, cut: &Cut) -> Verdict {
        let Some(fate) = cut.stages.get(stage.id.0) else { return Verdict::unmet("There is no such stage") };
        let why = match (fate.used, fate.runs) {
            (true, false) => "Nothing in it executes".to_owned(),
            (_, _) => fate.sentence.trim_end_matches('.').to_owned(),
        };
        Verdict::of(fate.runs, why).at(self.first_line(stage))
    }
}

/// The two stages that a goal names.
fn pair<'a>(asked: &Asked<'a>) -> Result<(&'a Stage, &'a Stage), Verdict> {
    Ok((asked.stage(asked.goal.value(Slot::Stage))?, asked.stage(asked.goal.value(Slot::Other))?))
}

pub(super) fn built_on_stage(asked: &Asked<'_>) -> Verdict {
    let (stage, other) = match pair(asked) {
        Ok(pair) => pair,
        Err(verdict) => return verdict,
    };
    let is_it = lineage(asked, stage).skip(1).any(|it| it.id == other.id);
    Verdict::of(is_it, format!("It starts from {}", stage.base_text)).at(stage.base_range)
}

/// The stage and those it is FROM.
pub(super) fn lineage<'a>(asked: &Asked<'a>, stage: &'a Stage) -> impl Iterator<Item = &'a Stage> + use<'a> {
    let graph = &asked.view.graph;
    std::iter::successors(Some(stage), move |stage| match stage.start {
        Start::Stage(base) => graph.stages.get(base.0),
        Start::Empty | Start::Image(_) | Start::UnknownImage => None,
    })
}

pub(super) fn built_on_image(asked: &Asked<'_>) -> Verdict {
    match asked.stage(asked.goal.value(Slot::Stage)) {
        Ok(stage) => image::base(asked, stage),
        Err(verdict) => verdict,
    }
}

pub(super) fn copies_from_stage(asked: &Asked<'_>) -> Verdict {
    match pair(asked) {
        Ok((stage, other)) => {
            takes(asked, stage, EdgeKind::Copy, &other.display_name(), |node| node == Node::Stage(other.id))
        }
        Err(verdict) => verdict,
    }
}

pub(super) fn mounts_stage(asked: &Asked<'_>) -> Verdict {
    match pair(asked) {
        Ok((stage, other)) => {
            takes(asked, stage, EdgeKind::Mount, &other.display_name(), |node| node == Node::Stage(other.id))
        }
        Err(verdict) => verdict,
    }
}

pub(super) fn copies_from_image(asked: &Asked<'_>) -> Verdict {
    let wanted = asked.goal.value(Slot::Image);
    of_stage(asked, EdgeKind::Copy, wanted, |source| image::is_of(source, wanted))
}

pub(super) fn copies_from_context(asked: &Asked<'_>) -> Verdict {
    of_stage(asked, EdgeKind::Copy, "the build context", |source| *source == Source::Context)
}

pub(super) fn mounts_context(asked: &Asked<'_>) -> Verdict {
    of_stage(asked, EdgeKind::Mount, "the build context", |source| *source == Source::Context)
}

fn of_stage(asked: &Asked<'_>, kind: EdgeKind, what: &str, is_it: impl Fn(&Source) -> bool) -> Verdict {
    let sources = &asked.view.graph.sources;
    match asked.stage(asked.goal.value(Slot::Stage)) {
        Ok(stage) => takes(asked, stage, kind, what, |node| match node {
            Node::Source(id) => sources.get(id.0).is_some_and(&is_it),
            Node::Stage(_) => false,
        }),
        Err(verdict) => verdict,
    }
}

pub(super) fn does_not_copy_from_stage(asked: &Asked<'_>) -> Verdict {
    opposite(asked, copies_from_stage)
}

pub(super) fn does_not_copy_from_context(asked: &Asked<'_>) -> Verdict {
    opposite(asked, copies_from_context)
}

/// The opposite, for stages that are there.
fn opposite(asked: &Asked<'_>, judge: fn(&Asked<'_>) -> Verdict) -> Verdict {
    let named = [Slot::Stage, Slot::Other].into_iter().filter(|slot| asked.goal.has(*slot));
    let missing = named.filter_map(|slot| asked.stage(asked.goal.value(slot)).err()).next();
    missing.unwrap_or_else(|| judge(asked).not())
}

/// Whether a stage takes files from somewhere.
fn takes(
    asked: &Asked<'_>,
    stage: &Stage,
    kind: EdgeKind,
    what: &str,
    is_it: impl Fn(Node) -> bool,
) -> Verdict {
    let mut edges = asked.view.graph.edges_into(stage.id).iter();
    let verb = if kind == EdgeKind::Mount { "mounts files of" } else { "copies from" };
    match edges.find(|edge| edge.kind == kind && edge.carries && is_it(edge.from)) {
        Some(edge) => {
            let line = asked.line(edge.range);
            Verdict::met(format!("Line {line} {verb} {what}")).at(edge.range)
        }
        None => {
            let name = stage.display_name();
            Verdict::unmet(format!("Nothing in {name} {verb} {what}")).at(asked.first_line(stage))
        }
    }
}

pub(super) fn at_the_same_time(asked: &Asked<'_>) -> Verdict {
    let (one, other) = match pair(asked) {
        Ok(pair) => pair,
        Err(verdict) => return verdict,
    };
    for stage in [one, other] {
        let runs = asked.runs(stage, asked.cut);
        if runs.outcome != Outcome::Met {
            return runs;
        }
    }
    for (first, second) in [(one, other), (other, one)] {
        if waits_for(asked, second.id, first.id) {
            let (first, second) = (first.display_name(), second.display_name());
            return Verdict::unmet(format!("Stage {second} needs stage {first}, and waits for it"));
        }
    }
    Verdict::met("Neither needs the other")
}

/// Whether a stage needs another, directly or not.
fn waits_for(asked: &Asked<'_>, stage: StageId, other: StageId) -> bool {
    let graph = &asked.view.graph;
    let mut seen = vec![false; graph.stages.len()];
    let mut open = vec![stage];
    while let Some(stage) = open.pop() {
        if stage == other {
            return true;
        }
        for edge in graph.edges_into(stage).iter().filter(|edge| edge.carries) {
            if let Node::Stage(from) = edge.from
                && !std::mem::replace(&mut seen[from.0], true)
            {
                open.push(from);
            }
        }
    }
    false
}

pub(super) fn has_heredoc(asked: &Asked<'_>) -> Verdict {
    let stage = match asked.stage(asked.goal.value(Slot::Stage)) {
        Ok(stage) => stage,
        Err(verdict) => return verdict,
    };
    let instructions = &asked.work.parse.instructions;
    let mut heredocs =
        stage.steps.iter().filter_map(|step| instructions.get(step.instruction)?.heredocs.first());
    match heredocs.next() {
        Some(heredoc) => {
            Verdict::met(format!("Line {} begins one", asked.line(heredoc.marker))).at(heredoc.marker)
        }
        None => {
            Verdict::unmet(format!("There is none in {}", stage.display_name())).at(asked.first_line(stage))
        }
    }
}

pub(super) fn platform(asked: &Asked<'_>) -> Verdict {
    match asked.stage(asked.goal.value(Slot::Stage)) {
        Ok(stage) => {
            let platform = stage.effective_platform.format();
            let is_it = platform == asked.goal.value(Slot::Platform);
            Verdict::of(is_it, format!("It runs on {platform}")).at(asked.first_line(stage))
        }
        Err(verdict) => verdict,
    }
}

/// What a stage lies on, below all it is FROM.
pub(super) fn base_source<'a>(asked: &Asked<'a>, stage: StageId) -> Option<&'a Source> {
    queries::base_source(&asked.view.graph, stage)
}
