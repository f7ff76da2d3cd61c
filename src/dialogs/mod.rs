//! What lies over the page for a moment: sharing, opening, what was worked on before.
//!
//! The rest of the page knows nothing of them but [`Dialog`] in the state.

mod before;
mod open;
mod share;

pub(crate) use before::ago;
pub(crate) use open::fetched;

use std::rc::Rc;

use yew::prelude::*;

use crate::browser::dialog;
use crate::opening::Opening;
use crate::panels::Props;
use crate::state::{Action, State};

/// One of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Dialog {
    /// Handing on what one sees; with the address of the page, without a fragment.
    Share(Rc<str>),
    /// Another text from a file or an address, or three files that are to become one; with what was dropped, if there
    /// is something to choose.
    Open(Option<Box<Opening>>),
    /// What was worked on before.
    Before,
}

/// The one that is open, if any.
#[component]
pub(crate) fn Dialogs(props: &Props) -> Html {
    let state = props.state.clone();
    match &props.state.dialog {
        None => Html::default(),
        Some(Dialog::Share(address)) => html! { <share::Share {state} address={address.clone()} /> },
        Some(Dialog::Open(start)) => html! { <open::Open {state} start={start.clone()} /> },
        Some(Dialog::Before) => html! { <before::Before {state} /> },
    }
}

/// The id of the one that is open.
const ID: &str = "dialog";

#[derive(Properties, PartialEq)]
struct ModalProps {
    title: AttrValue,
    dispatch: UseReducerDispatcher<State>,
    children: Html,
}

/// The frame around what a dialog shows.
#[component]
fn Modal(props: &ModalProps) -> Html {
    {
        let dispatch = props.dispatch.clone();
        use_effect_with((), move |()| {
            let shown = dialog::show(ID, move || dispatch.dispatch(Action::Dialog(None)));
            move || drop(shown)
        });
    }
    let onclick = |event: MouseEvent| {
        if dialog::is_around(&event) {
            dialog::close(ID);
        }
    };
    // What is pressed in here is none of the page's business.
    let onkeydown = |event: KeyboardEvent| event.stop_propagation();
    html! {
        <dialog id={ID} aria-labelledby="dialog-title" {onclick} {onkeydown}>
            <div class="dialog">
                <header>
                    <h2 id="dialog-title">{&props.title}</h2>
                    <button class="control square" id="dialog-close" aria-label="Close" onclick={|_| dialog::close(ID)}>{"✕"}</button>
                </header>
                { props.children.clone() }
            </div>
        </dialog>
    }
}
