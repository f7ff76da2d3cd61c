//! The steps of a build with the time they take, beside when they could run; and what does not run.

use std::collections::{BTreeMap, BTreeSet};

use dockerfile::queries;
use dockerfile::stages::StageId;
use progress::timeline::{duration, longest_chain};
use protocol::build::{Mapped, Place, Step, StepState};
use yew::prelude::*;

use super::show_step;
use crate::building::{Run, is_of, time};
use crate::panels::image::line_button;
use crate::state::{Action, Snapshot, Thing};

/// More rows slow the page down.
const MAX_SHOWN: usize = 300;

#[derive(Properties, PartialEq)]
pub(super) struct Props {
    pub(super) state: Snapshot,
    /// Milliseconds since the build was asked for.
    pub(super) now: u64,
}

/// The word for a state, as people and the picture say it.
pub(crate) fn word(state: StepState) -> &'static str {
    match state {
        StepState::Waiting => "waiting",
        StepState::Running => "running",
        StepState::Cached => "cached",
        StepState::Done => "done",
        StepState::Failed => "failed",
        StepState::Cancelled => "stopped",
    }
}

/// The class of a state in the style sheet.
pub(crate) fn class(state: StepState) -> &'static str {
    match state {
        StepState::Waiting => "is-waiting",
        StepState::Running => "is-running",
        StepState::Cached => "is-cached",
        StepState::Done => "is-done",
        StepState::Failed => "is-failed",
        StepState::Cancelled => "is-stopped",
    }
}

#[component]
pub(super) fn Steps(props: &Props) -> Html {
    let Props { state, now } = props;
    let all = use_state(|| false);
    let Some(run) = &state.building.run else { return Html::default() };
    let rounds = use_memo((run.built.clone(), run.request.clone()), {
        let run = run.clone();
        move |(built, _)| {
            let cut = run.cut().filter(|_| !run.request.legacy);
            let schedule = cut.filter(|cut| cut.errors.is_empty()).map(|cut| built.schedule(&cut));
            let tasks = schedule.into_iter().flat_map(|schedule| schedule.tasks).filter(|task| task.counts);
            tasks
                .flat_map(|task| {
                    let round = (task.round, task.is_critical());
                    task.places.clone().into_iter().map(move |place| (place, round))
                })
                .collect::<BTreeMap<_, _>>()
        }
    });
    let progress = &run.progress;
    let (named, own): (Vec<&Step>, Vec<&Step>) =
        progress.steps.iter().map(|step| &**step).partition(|step| {
            !step.places.is_empty() || step.mapped == Mapped::Unknown || step.state == StepState::Failed
        });
    let chain = longest_chain(progress);
    let critical: BTreeSet<u32> = chain.steps.iter().copied().collect();
    let begin = progress.steps.iter().filter_map(|step| step.started).min().unwrap_or(0);
    let scale = Scale { begin, end: (*now).max(begin + 1), now: *now };
    let selected = shown(run, state.building.step);
    let n = named.len();
    let is_cut = n > MAX_SHOWN && !*all;
    let show_all = {
        let all = all.clone();
        move |_| all.set(true)
    };
    let row = |step: &&Step| {
        let round = step.places.iter().find_map(|place| {
            let (stage, at) = run.built.step_at(place.line)?;
            rounds.get(&queries::plan::Place { stage, row: at }).copied()
        });
        Row {
            state,
            run,
            step,
            scale,
            round,
            is_critical: critical.contains(&step.id),
            is_selected: selected == Some(step.id),
        }
        .html()
    };
    html! {
        <section class="build-steps" aria-labelledby="build-steps-title">
            <h2 id="build-steps-title">{"Steps"}</h2>
            if n == 0 {
                <p class="hint">{ if run.is_going_on() { "The engine has named no step of the Dockerfile yet." } else { "No step of the Dockerfile was reached." } }</p>
            } else {
                <table class="timeline">
                    <thead><tr>
                        <th scope="col">{"State"}</th>
                        <th scope="col">{"Step"}</th>
                        <th scope="col" title="When it could run by the plan, if every step took as long as any other">{"Round"}</th>
                        <th scope="col" class="bars">{"Time"}</th>
                    </tr></thead>
                    <tbody>{ for named.iter().take(if is_cut { MAX_SHOWN } else { n }).map(row) }</tbody>
                </table>
            }
            if is_cut {
                <p><button class="control" onclick={show_all}>{format!("Show all {n} steps")}</button></p>
            }
            if chain.steps.len() > 1 && chain.length > 0 {
                <p class="hint">
                    {format!("The longest chain took {} of {}: ", time(chain.length), time(scale.end - scale.begin))}
                    <span class="step critical example">{"so"}</span>
                    {" are its steps. Only if one of them gets quicker can the build."}
                </p>
            }
            { own_steps(state, run, &own, scale) }
            { dark(state, run) }
        </section>
    }
}

/// The step whose output is shown: the one chosen, else what failed, else what runs.
pub(super) fn shown(run: &Run, chosen: Option<u32>) -> Option<u32> {
    let steps = &run.progress.steps;
    let chosen = chosen.filter(|id| (*id as usize) < steps.len());
    let with = |state: StepState| steps.iter().filter(move |step| step.state == state).map(|step| step.id);
    let printed = || steps.iter().rev().map(|step| step.id).find(|id| run.progress.log(*id).is_some());
    let busy = || with(StepState::Running).find(|id| run.progress.log(*id).is_some());
    chosen.or_else(|| with(StepState::Failed).next()).or_else(busy).or_else(printed)
}

/// From when to when the bars are drawn, in milliseconds.
#[derive(Clone, Copy)]
struct Scale {
    begin: u64,
    end: u64,
    now: u64,
}

impl Scale {
    /// Where a bar begins and how long it is, in percent.
    fn bar(self, step: &Step) -> Option<(f64, f64)> {
        let started = step.started?;
        let whole = (self.end - self.begin) as f64;
        let left = started.saturating_sub(self.begin) as f64 / whole * 100.0;
        let width = step.ended.unwrap_or(self.now).saturating_sub(started) as f64 / whole * 100.0;
        Some((left.min(100.0), width.min(100.0 - left.min(100.0))))
    }
}

struct Row<'r> {
    state: &'r Snapshot,
    run: &'r Run,
    step: &'r Step,
    scale: Scale,
    /// The round of the plan, and whether it is on a longest chain there.
    round: Option<(usize, bool)>,
    is_critical: bool,
    is_selected: bool,
}

impl Row<'_> {
    fn html(&self) -> Html {
        let Row { state, run, step, scale, .. } = self;
        let first = step.places.first().copied();
        let place = first.and_then(|place| run.built.step_at(place.line));
        let what = place.and_then(|(stage, row)| run.built.step(stage, row));
        let stage = first.and_then(|place| run.built.graph.stages.get(place.stage));
        let took = duration(step, scale.now);
        let is_shown = is_of(run, &state.drawn);
        let hover = |on: bool| {
            let (dispatch, place) = (state.dispatcher(), place.filter(|_| on && is_shown));
            move |_: PointerEvent| {
                dispatch.dispatch(Action::Hover(place.map(|(stage, row)| Thing::Step(stage, row))));
            }
        };
        let parts = run.progress.parts.range((step.id, "".into())..(step.id + 1, "".into()));
        let parts: Vec<Html> = parts
            .filter(|_| step.state == StepState::Running)
            .map(|((_, label), (current, total))| {
                let of = total.filter(|total| *total > 0).map(|total| format!(" of {}", measured(total)));
                html! { <span class="part">{format!("{label} {}{}", measured(*current), of.unwrap_or_default())}</span> }
            })
            .collect();
        let others = step.places.len().saturating_sub(1);
        let class = classes!(
            "build-step",
            class(step.state),
            self.is_critical.then_some("critical"),
            self.is_selected.then_some("lit")
        );
        html! {
            <tr {class} onpointerenter={hover(true)} onpointerleave={hover(false)}>
                <td class="state"><span>{word(step.state)}</span></td>
                <td class="what">
                    <button class="step-name" onclick={show_step(state, step.id)} aria-pressed={self.is_selected.to_string()} title={step.name.clone()}>
                        { match (stage, what) {
                            (Some(stage), Some(what)) => html! {
                                <><span class="of">{stage.display_name()}</span>{" "}<code><b>{&*what.keyword}</b>{" "}{what.summary.to_string()}</code></>
                            },
                            (Some(stage), None) => html! { <><span class="of">{stage.display_name()}</span>{" "}<code>{&step.name}</code></> },
                            (None, _) => html! { <code>{&step.name}</code> },
                        } }
                    </button>
                    if let Some((stage, row)) = place.filter(|_| is_shown) { { line_button(state, stage, row) } }
                    if others > 0 { <span class="note">{format!(" and {others} more of the same")}</span> }
                    if step.mapped == Mapped::Unknown { <span class="tag warn">{"no known instruction"}</span> }
                    if step.mapped == Mapped::StageOnly { <span class="tag">{"only the stage is known"}</span> }
                    { for parts }
                </td>
                <td class="round">
                    if let Some((round, is_critical)) = self.round {
                        if is_critical { <b title="on a longest chain of the plan">{round}</b> } else { {round} }
                    }
                </td>
                <td class="bars">
                    if let Some((left, width)) = scale.bar(step).filter(|_| step.state != StepState::Cached) {
                        <span class="bar" style={format!("left:{left:.2}%;width:{width:.2}%")}></span>
                    }
                    <span class="took">{ if step.state == StepState::Cached || step.started.is_none() { String::new() } else { time(took) } }</span>
                </td>
            </tr>
        }
    }
}

/// What the engine does for itself.
fn own_steps(state: &Snapshot, run: &Run, own: &[&Step], scale: Scale) -> Html {
    if own.is_empty() {
        return Html::default();
    }
    let title = match own.len() {
        1 => "One step of the engine's own".to_owned(),
        n => format!("{n} steps of the engine's own"),
    };
    let row = |step: &&Step| {
        Row { state, run, step, scale, round: None, is_critical: false, is_selected: false }.html()
    };
    html! {
        <details class="own-steps">
            <summary>{title}</summary>
            <table class="timeline"><tbody>{ for own.iter().take(MAX_SHOWN).map(row) }</tbody></table>
        </details>
    }
}

/// The stages that do not run, with the reason.
fn dark(state: &Snapshot, run: &Run) -> Html {
    let Some(cut) = run.cut() else { return Html::default() };
    let seen: BTreeSet<Place> = run.progress.rows().into_keys().collect();
    let legacy = run.request.legacy.then(|| queries::legacy(&run.built.graph, &cut));
    let dark: Vec<(StageId, String)> = match legacy {
        None => cut.stages.iter().filter(|it| !it.needed).map(|it| (it.stage, it.sentence.clone())).collect(),
        Some(legacy) => (0..)
            .map(StageId)
            .zip(legacy.runs)
            .zip(legacy.sentences)
            .filter(|((_, runs), _)| !runs)
            .map(|((stage, _), sentence)| (stage, sentence))
            .collect(),
    };
    if dark.is_empty() {
        return Html::default();
    }
    let is_shown = is_of(run, &state.drawn);
    html! {
        <div class="not-run">
            <h3>{"Not run"}</h3>
            <ul>
                { for dark.into_iter().map(|(stage, sentence)| {
                    let name = run.built.graph.stages[stage.0].display_name();
                    let did = seen.iter().any(|place| place.stage == stage.0);
                    let onclick = {
                        let dispatch = state.dispatcher();
                        move |_| dispatch.dispatch(Action::Select(Thing::Stage(stage)))
                    };
                    html! {
                        <li>
                            if is_shown { <button class="origin name" {onclick}>{name}</button> } else { <b>{name}</b> }
                            {format!(" {sentence}")}
                            if did { <span class="tag warn">{"but it ran"}</span> }
                        </li>
                    }
                }) }
            </ul>
        </div>
    }
}

/// Measured bytes for people: unlike an estimate it has its digits.
pub(super) fn measured(n: u64) -> String {
    match n {
        0..1_000 => format!("{n} B"),
        1_000..1_000_000 => format!("{:.1} kB", n as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.2} MB", n as f64 / 1e6),
        _ => format!("{:.2} GB", n as f64 / 1e9),
    }
}
