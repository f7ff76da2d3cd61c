//! The target: which one, what it runs, and what there is to say about it.

use dockerfile::export::Theme;
use dockerfile::stages::fragment::Supplied;
use yew::prelude::*;

use super::Props;
use super::copy::copy;
use super::picture::exported;
use crate::analysis::ProblemKind;
use crate::browser::events;
use crate::state::{Action, Pane, Panel, Snapshot, State, Zoom};

/// Steps of the zoom buttons, in percent.
const ZOOM_STEPS: [i32; 10] = [10, 25, 40, 55, 70, 85, 100, 125, 150, 200];

#[derive(Properties, PartialEq)]
pub(crate) struct LensProps {
    pub(crate) state: Snapshot,
    /// The scale of the picture as it is drawn, in percent.
    pub(crate) percent: i32,
}

#[component]
pub(crate) fn LensView(props: &LensProps) -> Html {
    let state = &props.state;
    html! {
        <>
            <div class="pane-head lens">
                <TargetPicker state={state.clone()} />
                <SecondPicker state={state.clone()} />
                <BuilderSwitch state={state.clone()} />
                { given(state) }
                <p class="sentence" role="status" id="lens-sentence">{sentence(state)}</p>
                <SightMenu state={state.clone()} />
                <ZoomButtons state={state.clone()} percent={props.percent} />
            </div>
            // In a place of their own: Yew matches the children of a list from its end, and would make the lens anew.
            <div class="messages">{ for messages(state) }</div>
        </>
    }
}

#[component]
fn TargetPicker(props: &Props) -> Html {
    let state = &props.state;
    let names = state.drawn.targets();
    let default = match state.drawn.graph.stages.last() {
        Some(stage) => format!("{} (default)", stage.display_name()),
        None => "none".to_owned(),
    };
    let chosen = state.lens.target.as_deref().unwrap_or_default();
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
            <span>{if state.second.is_some() { "Target A" } else { "Target" }}</span>
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

/// A second target, beside the first.
#[component]
fn SecondPicker(props: &Props) -> Html {
    let state = &props.state;
    let names = state.drawn.targets();
    if state.drawn.graph.stages.len() < 2 && state.lens.against.is_none() {
        return html! {};
    }
    let chosen = state.lens.against.as_deref().filter(|_| !state.lens.legacy);
    let is_known =
        chosen.is_none_or(|it| it.is_empty() || names.iter().any(|name| name.eq_ignore_ascii_case(it)));
    let onchange = {
        let dispatch = state.dispatcher();
        move |event: Event| {
            // The first letter tells a name from the entries that are none.
            let value = events::selected(&event);
            dispatch.dispatch(Action::Compare(value.strip_prefix('=').map(str::to_owned)));
        }
    };
    html! {
        <label class="field">
            if state.second.is_some() {
                <span>{"Target B"}</span>
            }
            <select class="control" id="against" {onchange} aria-label="Compare with another target">
                <option value="" selected={chosen.is_none()}>{"Compare with …"}</option>
                <option value="=" selected={chosen == Some("")}>{"the default"}</option>
                { for names.iter().map(|name| html! {
                    <option value={format!("={name}")} selected={chosen.is_some_and(|it| name.eq_ignore_ascii_case(it))}>{*name}</option>
                }) }
                if let Some(name) = chosen.filter(|_| !is_known) {
                    <option value={format!("={name}")} selected=true>{format!("{name} (not found)")}</option>
                }
            </select>
        </label>
    }
}

/// BuildKit, or the builder before it.
#[component]
fn BuilderSwitch(props: &Props) -> Html {
    let state = &props.state;
    let button = |legacy: bool, label: &'static str, title: &'static str| {
        let dispatch = state.dispatcher();
        let onclick = move |_| dispatch.dispatch(Action::Legacy(legacy));
        let is_chosen = state.lens.legacy == legacy;
        html! { <button class="control" {onclick} {title} aria-pressed={is_chosen.to_string()}>{label}</button> }
    };
    html! {
        <div class="switch" role="group" aria-label="Builder">
            { button(false, "BuildKit", "Docker's builder since version 23: runs only what the target needs") }
            { button(true, "Legacy", "The builder before BuildKit: runs every stage above the target, one after the other") }
        </div>
    }
}

/// What the build is given that a plain one is not: a way to where it is changed.
fn given(state: &Snapshot) -> Html {
    let words = state.drawn.asked.words();
    if words.is_empty() {
        return Html::default();
    }
    let dispatch = state.dispatcher();
    let onclick = move |_| {
        dispatch.dispatch(Action::ShowPanel(Some(Panel::Arguments)));
        dispatch.dispatch(Action::Show(Pane::Panel));
    };
    let text = words.join(", ");
    html! { <button class="control chip" id="given" {onclick} title={format!("The build is given: {text}")}>{text}</button> }
}

/// What the target runs, counted; every other part is a figure.
fn sentence(state: &State) -> Html {
    let part = |(place, text): (usize, &String)| match place % 2 {
        0 => html! { {text} },
        _ => html! { <b>{text}</b> },
    };
    html! { <>{ for state.lights.sentence.iter().enumerate().map(part) }</> }
}

/// Messages below the lens: notices, an unknown target, a stale picture.
fn messages(state: &Snapshot) -> Vec<Html> {
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
    if let (Err(error), false) = (&*state.cut, state.drawn.graph.stages.is_empty()) {
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
    if let Some(Err(error)) = state.second.as_deref() {
        let dispatch = state.dispatcher();
        let onclick = move |_| dispatch.dispatch(Action::Compare(None));
        acc.push(html! {
            <p class="message error" role="status" id="against-error">
                <span>{format!("{}, so there is nothing to compare with.", error.message)}</span>
                <button {onclick}>{"Compare with no other"}</button>
            </p>
        });
    }
    if let Some(remark) = &state.lights.remark {
        acc.push(html! {
            <p class="message note" role="status" id="remark">
                <span>{remark}</span>
                if let Some(refusal) = state.drawn.refusals.first() {
                    <span>
                        {format!(" It would refuse this file, though: it does not know {} (line {}).", refusal.what, refusal.line)}
                    </span>
                }
            </p>
        });
    }
    let first = state.problems.iter().find(|problem| problem.kind == ProblemKind::Error);
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
    } else if let Some(supplied) = &state.analysis.supplied {
        acc.push(html! {
            <p class="message note" role="status" id="fragment">
                <b>{"A piece of a Dockerfile."}</b>
                <span>{piece(supplied)}</span>
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
/// What was supplied to a piece.
fn piece(supplied: &Supplied) -> String {
    let stages = match supplied.names.as_slice() {
        [] => String::new(),
        [only] => format!(" the stage {only}, which it copies from,"),
        [start @ .., end] => format!(" the stages {} and {end}, which it copies from,", start.join(", ")),
    };
    format!(
        "It has no FROM, so BuildKit refuses it. Supplied, to draw it: a stage around it,{stages} and a base image \
         that is not shown."
    )
}

/// What of the graph is drawn, and how.
#[component]
fn SightMenu(props: &Props) -> Html {
    let state = &props.state;
    let sight = &state.sight;
    let n_stages = state.drawn.graph.stages.len();
    let check = |is_on: bool, label: &'static str, action: fn(bool) -> Action| {
        let dispatch = state.dispatcher();
        let onchange = move |_| dispatch.dispatch(action(!is_on));
        html! { <label><input type="checkbox" checked={is_on} {onchange} />{label}</label> }
    };
    let copy_picture = {
        let state = state.clone();
        move |_: MouseEvent| {
            let done = "The picture is in the clipboard, as an SVG file.".to_owned();
            copy(state.dispatcher(), exported(&state, Theme::Auto), done);
        }
    };
    html! {
        <details class="menu" id="sight" onfocusout={|event: FocusEvent| events::close_when_left(&event)}>
            <summary class="control">{"View"}</summary>
            <div class="menu-body">
                { check(n_stages > 0 && sight.collapsed.len() == n_stages, "Titles only", Action::CollapseAll) }
                { check(sight.per_use, "A box for each use of an image", Action::PerUse) }
                { check(sight.isolated, "Only what belongs to the selection", Action::Isolate) }
                if n_stages > 0 {
                    <button class="control small" id="copy-picture" onclick={copy_picture}>{"Copy the picture as SVG"}</button>
                }
            </div>
        </details>
    }
}

#[component]
fn ZoomButtons(props: &LensProps) -> Html {
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
