//! A button that copies a text, and says whether that worked.

use yew::platform::spawn_local;
use yew::prelude::*;

use crate::browser::clipboard;
use crate::state::{Action, Notice, State};

#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// What is copied.
    pub(crate) text: AttrValue,
    /// What is said when that is done.
    pub(crate) done: AttrValue,
    /// What the button says.
    #[prop_or(AttrValue::Static("Copy"))]
    pub(crate) title: AttrValue,
    /// What it copies, for those who cannot see what it stands beside.
    #[prop_or_default]
    pub(crate) label: Option<AttrValue>,
    #[prop_or_default]
    pub(crate) id: Option<AttrValue>,
    #[prop_or(classes!("control", "small"))]
    pub(crate) class: Classes,
    pub(crate) dispatch: UseReducerDispatcher<State>,
}

#[component]
pub(crate) fn CopyButton(props: &Props) -> Html {
    let onclick = {
        let (dispatch, text, done) = (props.dispatch.clone(), props.text.clone(), props.done.clone());
        move |_: MouseEvent| copy(dispatch.clone(), text.to_string(), done.to_string())
    };
    let Props { id, class, title, label, .. } = props;
    html! { <button id={id.clone()} class={class.clone()} aria-label={label.clone()} {onclick}>{title}</button> }
}

/// Copies a text, and says that it is `done` or why it is not.
pub(crate) fn copy(dispatch: UseReducerDispatcher<State>, text: String, done: String) {
    spawn_local(async move {
        let is_error = !clipboard::copy(text).await;
        let text = match is_error {
            false => done,
            true => {
                "The browser does not let this page copy. Select the text and copy it by hand.".to_owned()
            }
        };
        dispatch.dispatch(Action::Tell(Notice { text, is_error }));
    });
}
