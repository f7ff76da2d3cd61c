//! The target: which one, what it runs, and what there is to say about it.

use yew::prelude::*;

use crate::browser::events;
use crate::state::{Action, State, Zoom};

/// Steps of the zoom buttons, in percent.
const ZOOM_STEPS: [i32; 10] = [10, 25, 40, 55, 70, 85, 100, 125, 150, 200];

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    pub(crate) state: UseReducerHandle<State>,
    /// The scale of the picture as it is drawn, in percent.
    pub(crate) percent: i32,
}

#[component]
pub(crate) fn Lens(props: &Props) -> Html {
    let state = &props.state;
    html! {
        <>
            <div class="pane-head lens">
                <TargetPicker state={state.clone()} />
                <p class="sentence" role="status" id="lens-sentence">{sentence(state)}</p>
                <ZoomButtons state={state.clone()} percent={props.percent} />
            </div>
            { for messages(state) }
        </>
    }
}

#[component]
fn TargetPicker(props: &PickerProps) -> Html {
    let state = &props.state;
    let names = state.drawn.targets();
    let default = match state.drawn.graph.stages.last() {
        Some(stage) => format!("{} (default)", stage.display_name()),
        None => "none".to_owned(),
    };
    let chosen = state.target.as_deref().unwrap_or_default();
    let is_known = chosen.is_empty() || names.iter().any(|name| name.eq_ignore_ascii_case(chosen));
    let onchange = {
        let dispatch = state.dispatcher();
        move |event: Event| {
            let name = events::selected(&event);
            dispatch.dispatch(Action::ChooseTarget(Some(name).filter(|name| !name.is_empty())));
        }
    };
    html! {
        <label class="field">
            <span>{"Target"}</span>
            <select class="control" id="target" {onchange}>
                <option value="" selected={chosen.is_empty()}>{default}</option>
                { for names.iter().map(|name| html! {
                    <option value={(*name).to_owned()} selected={name.eq_ignore_ascii_case(chosen)}>{*name}</option>
                }) }
                if !is_known {
                    <option value={chosen.to_owned()} selected=true>{format!("{chosen} (not found)")}</option>
                }
            </select>
        </label>
    }
}

#[derive(Properties, PartialEq)]
struct PickerProps {
    state: UseReducerHandle<State>,
}

/// What the target runs, counted.
fn sentence(state: &State) -> Html {
    let graph = &state.drawn.graph;
    let Ok(cut) = state.cut.as_ref() else {
        return html! {};
    };
    let n_stages = graph.stages.len();
    let n_needed = cut.stages.iter().filter(|stage| stage.needed).count();
    let n_dark = n_stages - n_needed;
    let of = if n_stages == 1 { "stage" } else { "stages" };
    html! {
        <>
            {"needs "}<b>{format!("{n_needed} of {n_stages}")}</b>{format!(" {of}")}
            if n_dark > 0 {
                {", "}<b>{n_dark}</b>{if n_dark == 1 { " stays dark" } else { " stay dark" }}
            }
        </>
    }
}

/// Messages below the lens: notices, an unknown target, a stale picture.
fn messages(state: &UseReducerHandle<State>) -> Vec<Html> {
    let mut acc = Vec::new();
    if let Some(notice) = &state.notice {
        let dispatch = state.dispatcher();
        let dismiss = move |_| dispatch.dispatch(Action::Dismiss);
        let class = classes!("message", notice.is_error.then_some("error"));
        acc.push(html! {
            <p {class} role="status">
                <span>{&notice.text}</span>
                <button onclick={dismiss}>{"Dismiss"}</button>
            </p>
        });
    }
    if let (Err(error), false) = (state.cut.as_ref(), state.drawn.graph.stages.is_empty()) {
        let choose = |target: Option<String>, label: String| {
            let dispatch = state.dispatcher();
            let onclick = move |_| dispatch.dispatch(Action::ChooseTarget(target.clone()));
            html! { <button {onclick}>{label}</button> }
        };
        acc.push(html! {
            <p class="message error" role="status" id="target-error">
                <span>{format!("{}.", error.message)}</span>
                if let Some(name) = error.suggestion.as_ref().filter(|name| state.drawn.targets().contains(&name.as_str())) {
                    { choose(Some(name.clone()), format!("Use {name}")) }
                }
                { choose(None, "Use the default".to_owned()) }
            </p>
        });
    }
    let first = state.problems.iter().find(|problem| problem.is_error);
    if state.is_stale() {
        acc.push(html! {
            <p class="message" role="status" id="stale">
                <b>{"Older picture."}</b>
                <span>
                    {"It shows the text before the error"}
                    if let Some(problem) = first {
                        {format!(" in line {}: {}.", problem.at.line, problem.message)}
                    }
                </span>
            </p>
        });
    } else if let (Some(problem), false) = (first, state.drawn.graph.stages.is_empty()) {
        acc.push(html! {
            <p class="message" role="status" id="refused">
                <b>{"BuildKit refuses this."}</b>
                <span>
                    {format!("Line {}: {}.", problem.at.line, problem.message)}
                    if !state.analysis.readable {
                        {" The picture shows what can be read."}
                    }
                </span>
            </p>
        });
    }
    acc
}

#[component]
fn ZoomButtons(props: &Props) -> Html {
    let state = &props.state;
    let button = |zoom: Zoom, title: &'static str, text: String, label: Option<&'static str>| {
        let dispatch = state.dispatcher();
        let onclick = move |_| dispatch.dispatch(Action::Zoom(zoom));
        let class = classes!("control", text.ends_with('%').then_some("percent"));
        html! { <button {class} {onclick} aria-label={label} {title}>{text}</button> }
    };
    let percent = props.percent;
    let smaller = ZOOM_STEPS.iter().rev().find(|&&step| step < percent).copied().unwrap_or(ZOOM_STEPS[0]);
    let larger = ZOOM_STEPS.iter().find(|&&step| step > percent).copied().unwrap_or(200);
    html! {
        <div class="zoom" role="group" aria-label="Zoom">
            { button(Zoom::Percent(smaller), "Smaller", "−".to_owned(), Some("Smaller")) }
            { button(Zoom::Auto, "Readable size", format!("{percent}%"), None) }
            { button(Zoom::Percent(larger), "Larger", "+".to_owned(), Some("Larger")) }
            { button(Zoom::Whole, "Show everything", "Fit".to_owned(), None) }
        </div>
    }
}
