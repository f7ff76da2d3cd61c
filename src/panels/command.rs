//! The command that builds what one sees, to be copied.

use dockerfile::queries::{Builder, Cut, command_line};
use yew::prelude::*;

use super::Props;
use super::copy::CopyButton;
use crate::browser::events;
use crate::state::{Action, State};

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
                <code id="command" tabindex="0">{text.clone()}</code>
                <CopyButton id="copy-command" {text} done="Command copied." dispatch={state.dispatcher()} />
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
