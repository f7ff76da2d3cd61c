//! In which order the steps of the target's build can run: rounds beside each other, a lane for each stage.

use std::collections::BTreeMap;

use dockerfile::queries::plan::Place;
use dockerfile::queries::{Schedule, Task};
use dockerfile::stages::StageId;
use yew::prelude::*;

use super::Props;
use crate::state::{Action, Snapshot, Thing};

/// More make no picture, and slow the page down.
const MAX_SHOWN: usize = 250;

#[component]
pub(crate) fn Plan(props: &Props) -> Html {
    let state = &props.state;
    let schedule = use_memo((state.drawn.clone(), state.shown().clone()), |(drawn, cut)| {
        Some(drawn.schedule(cut.as_ref().as_ref().ok()?))
    });
    let all = use_state(|| false);
    let Some(schedule) = schedule.as_ref() else {
        return html! { <p class="hint">{"There is no target, so nothing is built."}</p> };
    };
    let n = schedule.n_operations();
    let is_cut = n > MAX_SHOWN && !*all;
    let show_all = {
        let all = all.clone();
        move |_| all.set(true)
    };
    html! {
        <div class="plan">
            <p class="lead">{schedule.sentence()}</p>
            if n > 1 {
                <p class="hint">
                    {"Each step counts one until a build has measured it. "}
                    <span class="step critical example">{"So"}</span>
                    {" is a step of a longest chain: only if it gets quicker can the build."}
                </p>
            }
            { rounds(state, schedule, if is_cut { MAX_SHOWN } else { usize::MAX }) }
            if is_cut {
                <p><button class="control" onclick={show_all}>{format!("Show all {n} steps")}</button></p>
            }
        </div>
    }
}

/// A grid: a column for each round, a row for each stage that has steps. On a phone the rounds are below each other.
fn rounds(state: &Snapshot, schedule: &Schedule, max: usize) -> Html {
    let mut cells: BTreeMap<(usize, StageId), Vec<&Task>> = BTreeMap::new();
    for task in schedule.tasks.iter().filter(|task| task.counts) {
        if let Some(place) = task.places.first() {
            cells.entry((task.round, place.stage)).or_default().push(task);
        }
    }
    let mut n_shown = 0;
    cells.retain(|_, tasks| {
        n_shown += tasks.len();
        n_shown <= max
    });
    let mut lanes: Vec<StageId> = cells.keys().map(|(_, stage)| *stage).collect();
    lanes.sort_unstable();
    lanes.dedup();
    let row = |stage: StageId| lanes.binary_search(&stage).unwrap_or(0) + 2;
    let n_rounds = cells.keys().map(|(round, _)| *round).max().unwrap_or(0);
    if n_rounds == 0 {
        return Html::default();
    }
    let name = |stage: StageId| state.drawn.graph.stages[stage.0].display_name().to_string();
    let heading = |round: usize| {
        html! { <h2 key={format!("round {round}")} class="round" style={format!("grid-column:{}", round + 1)}>{format!("Round {round}")}</h2> }
    };
    let cell = |(&(round, stage), tasks): (&(usize, StageId), &Vec<&Task>)| {
        html! {
            <div key={format!("{round} {}", stage.0)} class="cell" style={format!("grid-column:{};grid-row:{}", round + 1, row(stage))}>
                { for tasks.iter().map(|task| step(state, task, &name(stage))) }
            </div>
        }
    };
    let columns = (1..=n_rounds).map(|round| {
        let cells = cells.range((round, StageId(0))..(round + 1, StageId(0)));
        html! { <>{ heading(round) }{ for cells.map(cell) }</> }
    });
    html! {
        <div class="rounds-scroll" tabindex="0" role="region" aria-label="Rounds">
            <div class="rounds" style={format!("--rounds:{n_rounds}")}>
                { for lanes.iter().map(|&stage| html! {
                    <span class="lane" aria-hidden="true" style={format!("grid-row:{}", row(stage))}>{name(stage)}</span>
                }) }
                { for columns }
            </div>
        </div>
    }
}

/// A step as a button; of several instructions that come to the same, it is the first.
fn step(state: &Snapshot, task: &Task, stage: &str) -> Html {
    let Some(&place) = task.places.first() else { return Html::default() };
    let Some(row) = state.drawn.step(place.stage, place.row) else { return Html::default() };
    let thing = Thing::Step(place.stage, place.row);
    let is_selected = state.selected.as_ref() == Some(&thing);
    let onclick = {
        let (dispatch, thing) = (state.dispatcher(), thing.clone());
        move |_| dispatch.dispatch(Action::Select(thing.clone()))
    };
    let hover = |on: Option<Thing>| {
        let dispatch = state.dispatcher();
        move |_: PointerEvent| dispatch.dispatch(Action::Hover(on.clone()))
    };
    let others = others(state, &task.places[1..]);
    let when = match task.latest - task.round {
        0 => "on a longest chain".to_owned(),
        _ => format!("can wait until round {}", task.latest),
    };
    let class = classes!("step", task.is_critical().then_some("critical"), is_selected.then_some("lit"));
    html! {
        <button {class} {onclick} onpointerenter={hover(Some(thing.clone()))} onpointerleave={hover(None)}
            title={format!("{}\n{when}", task.name)} aria-pressed={is_selected.to_string()}>
            <span class="of">{stage}</span>
            <span class="what"><b>{&*row.keyword}</b>{" "}{row.summary.to_string()}</span>
            if let Some(others) = others { <span class="same">{others}</span> }
            <span class="visually-hidden">{format!(", {when}")}</span>
        </button>
    }
}

/// The other instructions that a step stands for.
fn others(state: &Snapshot, places: &[Place]) -> Option<String> {
    let lines = places
        .iter()
        .filter_map(|place| Some(state.drawn.step(place.stage, place.row)?.lines.first.to_string()));
    let lines: Vec<String> = lines.collect();
    match lines.as_slice() {
        [] => None,
        [only] => Some(format!("and the same in line {only}")),
        lines => Some(format!("and the same in lines {}", lines.join(", "))),
    }
}
