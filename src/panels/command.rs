//! The command that builds what one sees, to be copied.

use dockerfile::queries::{Builder, Cut, command_line};
use yew::platform::spawn_local;
use yew::prelude::*;

use super::Props;
use crate::browser::{clipboard, events};
use crate::state::{Action, Notice, State};

#[component]
pub(crate) fn CommandBar(props: &Props) -> Html {
    let state = &props.state;
    let chosen = use_state(|| Builder::Docker);
    let Some(cut) = state.target_cut() else { return html! {} };
    // Whoever looks at the legacy builder is shown its command.
    let builder = if state.lens.legacy { Builder::Legacy } else { *chosen };
    let lines = commands(state, cut, builder);
    let text = lines.join("\n");
    let onchange = {
        let (chosen, dispatch) = (chosen.clone(), state.dispatcher());
        move |event: Event| {
            let title = events::selected(&event);
            if let Some(builder) = Builder::ALL.into_iter().find(|builder| builder.title() == title) {
                chosen.set(builder);
                dispatch.dispatch(Action::Legacy(builder == Builder::Legacy));
            }
        }
    };
    let onclick = {
        let (dispatch, text) = (state.dispatcher(), text.clone());
        move |_: MouseEvent| {
            let (dispatch, text) = (dispatch.clone(), text.clone());
            spawn_local(async move {
                let text = match clipboard::copy(text).await {
                    true => "Command copied.",
                    false => {
                        "The browser does not let this page copy. Select the command and copy it by hand."
                    }
                };
                dispatch.dispatch(Action::Tell(Notice { text: text.to_owned(), is_error: false }));
            });
        }
    };
    html! {
        <div class="command-bar">
            <label class="field">
                <span class="visually-hidden">{"Build tool"}</span>
                <select class="control small" id="tool" {onchange}>
                    { for Builder::ALL.into_iter().map(|it| html! {
                        <option value={it.title()} selected={it == builder}>{it.title()}</option>
                    }) }
                </select>
            </label>
            if lines.is_empty() {
                <span class="no-command">{"No command can ask for this stage."}</span>
            } else {
                <code id="command">{text}</code>
                <button class="control small" id="copy-command" {onclick}>{"Copy"}</button>
            }
        </div>
    }
}

/// One command a target.
fn commands(state: &State, cut: &Cut, builder: Builder) -> Vec<String> {
    let options = state.drawn.asked.options(None);
    let is_default = |name: Option<&str>| name.is_none_or(str::is_empty);
    let mut lines: Vec<String> =
        command_line(cut, is_default(state.lens.target.as_deref()), builder, &options).into_iter().collect();
    if let Some(Ok(second)) = state.second.as_deref() {
        lines.extend(command_line(second, is_default(state.lens.against.as_deref()), builder, &options));
    }
    lines
}
