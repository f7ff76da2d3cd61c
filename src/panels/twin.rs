//! The picture as text: a tree of stages and instructions, and a table of references, each a sentence.
//!
//! It is the same model as the picture, for people who cannot see that, or would rather read.

use std::collections::BTreeSet;

use dockerfile::queries::edge_sentence;
use dockerfile::stages::{EdgeKind, StageId};
use yew::prelude::*;

use super::Props;
use crate::browser::events;
use crate::state::{Action, State, Thing};

#[component]
pub(crate) fn Twin(props: &Props) -> Html {
    html! {
        <div class="twin">
            <Tree state={props.state.clone()} />
            <References state={props.state.clone()} />
        </div>
    }
}

/// A row of the tree: a stage, or one of its instructions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Item {
    Stage(StageId),
    Step(StageId, usize),
}

impl Item {
    fn id(self) -> String {
        match self {
            Item::Stage(stage) => format!("twin-{}", stage.0),
            Item::Step(stage, step) => format!("twin-{}-{step}", stage.0),
        }
    }

    fn thing(self) -> Thing {
        match self {
            Item::Stage(stage) => Thing::Stage(stage),
            Item::Step(stage, step) => Thing::Step(stage, step),
        }
    }
}

#[component]
fn Tree(props: &Props) -> Html {
    let state = &props.state;
    let graph = &state.drawn.graph;
    let open = use_state(BTreeSet::<StageId>::new);
    let stop = use_state(|| None::<Item>);
    let mut items = Vec::new();
    for stage in &graph.stages {
        items.push(Item::Stage(stage.id));
        if open.contains(&stage.id) {
            items.extend((0..stage.steps.len()).map(|step| Item::Step(stage.id, step)));
        }
    }
    let stop_item = stop.filter(|item| items.contains(item)).or(items.first().copied());
    let toggle = {
        let open = open.clone();
        move |stage: StageId, wanted: Option<bool>| {
            let mut next = BTreeSet::clone(&open);
            if wanted.unwrap_or(!next.contains(&stage)) {
                next.insert(stage);
            } else {
                next.remove(&stage);
            }
            open.set(next);
        }
    };
    let row = |place: usize, item: Item| {
        let (dispatch, stop, toggle, items, is_open) = (
            state.dispatcher(),
            stop.clone(),
            toggle.clone(),
            items.clone(),
            matches!(item, Item::Stage(stage) if open.contains(&stage)),
        );
        let go = {
            let stop = stop.clone();
            move |item: Item| {
                stop.set(Some(item));
                events::focus(&item.id());
            }
        };
        let onkeydown = {
            let (dispatch, toggle) = (dispatch.clone(), toggle.clone());
            move |event: KeyboardEvent| {
                let target = match (event.key().as_str(), item) {
                    ("ArrowDown", _) => items.get(place + 1).copied(),
                    ("ArrowUp", _) => place.checked_sub(1).map(|place| items[place]),
                    ("Home", _) => items.first().copied(),
                    ("End", _) => items.last().copied(),
                    ("ArrowLeft", Item::Step(stage, _)) => Some(Item::Stage(stage)),
                    ("ArrowRight", Item::Stage(_)) if is_open => items.get(place + 1).copied(),
                    ("ArrowRight", Item::Stage(stage)) => {
                        toggle(stage, Some(true));
                        Some(item)
                    }
                    ("ArrowLeft", Item::Stage(stage)) => {
                        toggle(stage, Some(false));
                        Some(item)
                    }
                    ("Enter" | " ", _) => {
                        dispatch.dispatch(Action::Select(item.thing()));
                        Some(item)
                    }
                    (_, _) => return,
                };
                event.prevent_default();
                event.stop_propagation();
                if let Some(target) = target {
                    go(target);
                }
            }
        };
        let onclick = {
            let (dispatch, stop) = (dispatch.clone(), stop.clone());
            move |event: MouseEvent| {
                event.stop_propagation();
                stop.set(Some(item));
                if let Item::Stage(stage) = item {
                    toggle(stage, None);
                }
                dispatch.dispatch(Action::Select(item.thing()));
            }
        };
        let is_selected = state.selected.as_ref() == Some(&item.thing());
        let tabindex = if stop_item == Some(item) { "0" } else { "-1" };
        let (level, expanded, content) = match item {
            Item::Stage(stage) => ("1", Some(is_open.to_string()), stage_text(state, stage)),
            Item::Step(stage, step) => ("2", None, step_text(state, stage, step)),
        };
        let class = match item {
            Item::Stage(stage) => {
                classes!(
                    "twin-stage",
                    state.lights.is_dark(stage).then_some("off"),
                    is_open.then_some("open")
                )
            }
            Item::Step(..) => classes!("twin-step"),
        };
        html! {
            <li key={item.id()} id={item.id()} role="treeitem" {class} aria-level={level} aria-expanded={expanded}
                aria-selected={is_selected.to_string()} {tabindex} {onkeydown} {onclick}>
                {content}
            </li>
        }
    };
    html! {
        <ul role="tree" class="tree" aria-label="Stages and their instructions">
            { for items.iter().enumerate().map(|(place, &item)| row(place, item)) }
        </ul>
    }
}

fn stage_text(state: &State, stage: StageId) -> Html {
    let light = state.lights.stage(stage);
    let what = &state.drawn.graph.stages[stage.0];
    let n = what.steps.len();
    html! {
        <>
            <b>{what.display_name()}</b>
            <span class="badge-text">{light.state.badge()}</span>
            <span class="count">{format!("line {}, {n} {}", what.lines.first, if n == 1 { "instruction" } else { "instructions" })}</span>
            <span class="why">{light.reason}</span>
        </>
    }
}

fn step_text(state: &State, stage: StageId, step: usize) -> Html {
    let graph = &state.drawn.graph;
    let row = &graph.stages[stage.0].steps[step];
    let edges = graph.edges.iter().enumerate().filter(|(_, edge)| edge.to == stage && edge.step == step);
    html! {
        <>
            <span class="count">{row.lines.first}</span>
            <code>{format!("{} {}", row.keyword, row.summary)}</code>
            { for edges.map(|(idx, _)| html! { <span class="why">{edge_sentence(graph, idx)}</span> }) }
        </>
    }
}

#[component]
fn References(props: &Props) -> Html {
    let state = &props.state;
    let graph = &state.drawn.graph;
    if graph.edges.is_empty() {
        return html! { <p class="hint">{"No stage refers to anything."}</p> };
    }
    html! {
        <table class="references">
            <caption>{"References"}</caption>
            <thead>
                <tr><th scope="col">{"Line"}</th><th scope="col">{"What"}</th><th scope="col">{"In words"}</th><th scope="col">{"In this build"}</th></tr>
            </thead>
            <tbody>
                { for graph.edges.iter().enumerate().map(|(idx, edge)| {
                    let line = state.drawn.step(edge.to, edge.step).map_or(0, |step| step.lines.first);
                    let kind = match edge.kind {
                        EdgeKind::Base => "FROM",
                        EdgeKind::Copy => "COPY",
                        EdgeKind::Mount => "mount",
                    };
                    let is_dark = state.lights.is_dark(edge.to);
                    let thing = Thing::Step(edge.to, edge.step);
                    let is_selected = state.selected.as_ref() == Some(&thing);
                    let dispatch = state.dispatcher();
                    let onclick = move |_| dispatch.dispatch(Action::Select(thing.clone()));
                    let hover = |thing: Option<Thing>| {
                        let dispatch = state.dispatcher();
                        move || dispatch.dispatch(Action::Hover(thing.clone()))
                    };
                    let (enter, leave) = (hover(Some(Thing::Edge(idx))), hover(None));
                    let (focus, blur) = (enter.clone(), leave.clone());
                    let class = classes!(is_dark.then_some("off"), is_selected.then_some("chosen"));
                    html! {
                        <tr {class} onmouseenter={move |_: MouseEvent| enter()} onmouseleave={move |_: MouseEvent| leave()}>
                            <td><button class="origin" {onclick} onfocus={move |_: FocusEvent| focus()} onblur={move |_: FocusEvent| blur()}>{line}</button></td>
                            <td>{kind}</td>
                            <td>{edge_sentence(graph, idx)}</td>
                            <td>{if is_dark { "not used" } else { "used" }}</td>
                        </tr>
                    }
                }) }
            </tbody>
        </table>
    }
}
