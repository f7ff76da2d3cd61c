//! The bar on top: name, examples, what opens dialogs, colours.

use yew::prelude::*;

use crate::browser::{events, location};
use crate::dialogs::Dialog;
use crate::examples::{self, Group};
use crate::learning::Learning;
use crate::state::{Action, State, Theme};

/// Not the whole state: then a keystroke is none of its business.
#[derive(Properties, PartialEq)]
pub(crate) struct BarProps {
    pub(crate) theme: Theme,
    pub(crate) learning: Learning,
    pub(crate) dispatch: UseReducerDispatcher<State>,
}

#[component]
pub(crate) fn Bar(props: &BarProps) -> Html {
    let BarProps { theme, learning, dispatch } = props;
    html! {
        <header class="bar">
            <h1 class="brand">
                <svg width="26" height="26" viewBox="0 0 26 26" aria-hidden="true">
                    <rect width="26" height="26" rx="7" fill="#1c1926" />
                    <path d="M9 5h8l5 16H4z" fill="#ffb02e" opacity=".34" />
                    <path d="M10.5 5h5l2.2 9h-9.4z" fill="#ffb02e" />
                    <rect x="4" y="19.4" width="18" height="2.2" rx="1.1" fill="#fff" />
                </svg>
                <span>{"Stagelight"}</span>
            </h1>
            <p class="tagline">{"See what a Dockerfile really builds"}</p>
            { learn(learning, dispatch) }
            <Examples dispatch={dispatch.clone()} />
            { opener(dispatch, "open", "Open", || Dialog::Open(None)) }
            { opener(dispatch, "before", "History", || Dialog::Before) }
            { opener(dispatch, "share", "Share", || Dialog::Share(location::base().into())) }
            <ThemeButton theme={*theme} dispatch={dispatch.clone()} />
        </header>
    }
}

#[derive(Properties, PartialEq)]
struct ExamplesProps {
    dispatch: UseReducerDispatcher<State>,
}

#[component]
fn Examples(props: &ExamplesProps) -> Html {
    let onchange = {
        let dispatch = props.dispatch.clone();
        move |event: Event| {
            if let Some(example) = examples::find(&events::selected(&event)) {
                dispatch.dispatch(Action::Open(Box::new(example.open())));
            }
            // The text soon differs from the example, so the menu does not claim that it is shown.
            events::reset_select(&event);
        }
    };
    html! {
        <label class="field">
            <span class="visually-hidden">{"Open an example"}</span>
            <select class="control" id="examples" {onchange}>
                <option value="" selected=true>{"Examples"}</option>
                { for Group::ALL.into_iter().map(|group| html! {
                    <optgroup label={group.title()}>
                        { for examples::ALL.iter().filter(|example| example.group == group).map(|example| html! {
                            <option value={example.id}>{example.title}</option>
                        }) }
                    </optgroup>
                }) }
            </select>
        </label>
    }
}

/// Shows the lessons where they were left, or takes them away.
fn learn(learning: &Learning, dispatch: &UseReducerDispatcher<State>) -> Html {
    let is_open = learning.is_open;
    let onclick = {
        let (dispatch, place) = (dispatch.clone(), learning.place.clone());
        move |_: MouseEvent| {
            dispatch.dispatch(if is_open { Action::CloseLessons } else { Action::Learn(place.clone()) });
        }
    };
    html! {
        <button class="control" id="learn" {onclick} aria-expanded={is_open.to_string()} aria-controls="pane-lesson">{"Learn"}</button>
    }
}

/// A button that opens a dialog.
fn opener(
    dispatch: &UseReducerDispatcher<State>,
    id: &'static str,
    title: &'static str,
    dialog: fn() -> Dialog,
) -> Html {
    let dispatch = dispatch.clone();
    let onclick = move |_: MouseEvent| dispatch.dispatch(Action::Dialog(Some(dialog())));
    let class = classes!("control", (id == "share").then_some("primary"));
    html! { <button {class} {id} {onclick} aria-haspopup="dialog">{title}</button> }
}

#[derive(Properties, PartialEq)]
struct ThemeProps {
    theme: Theme,
    dispatch: UseReducerDispatcher<State>,
}

#[component]
fn ThemeButton(props: &ThemeProps) -> Html {
    let (next, label) = match props.theme {
        Theme::System => (Theme::Light, "Colours: as the system"),
        Theme::Light => (Theme::Dark, "Colours: light"),
        Theme::Dark => (Theme::System, "Colours: dark"),
    };
    let icon = match props.theme {
        Theme::System => {
            html! { <><circle cx="12" cy="12" r="8" /><path d="M12 4a8 8 0 0 0 0 16z" fill="currentColor" /></> }
        }
        Theme::Light => html! {
            <><circle cx="12" cy="12" r="4" /><path d="M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2" /></>
        },
        Theme::Dark => html! { <path d="M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z" /> },
    };
    let onclick = {
        let dispatch = props.dispatch.clone();
        move |_: MouseEvent| dispatch.dispatch(Action::Theme(next))
    };
    html! {
        <button class="control square" id="theme" {onclick} aria-label={label} title={label}>
            <svg width="18" height="18" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8"
                stroke-linecap="round" aria-hidden="true">
                {icon}
            </svg>
        </button>
    }
}
