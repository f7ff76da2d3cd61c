//! Where files come from: pretended projects, a folder, or one path after the other.

use dockerfile::context::{BuildContext, TEMPLATES};
use yew::prelude::*;

use super::put;
use crate::browser::events;
use crate::browser::folder;
use crate::state::Snapshot;

#[derive(Properties, PartialEq)]
pub(super) struct StartProps {
    pub(super) state: Snapshot,
    /// Takes a folder over.
    pub(super) take: Callback<BuildContext>,
}

/// What the panel says before there are any files.
#[component]
pub(super) fn Start(props: &StartProps) -> Html {
    let StartProps { state, take } = props;
    let template = |template: &'static dockerfile::context::Template| {
        let state = state.clone();
        let onclick = move |_| put(&state, Some(template.context()));
        html! { <button class="control" {onclick}>{template.title}</button> }
    };
    let empty = {
        let state = state.clone();
        move |_| put(&state, Some(BuildContext { files: Some(Vec::new()), ..BuildContext::default() }))
    };
    html! {
        <div class="context-start">
            <h2>{"Which files does the build get?"}</h2>
            <p>
                {"With some files here, this shows which of them go to the builder, which line of "}<code>{".dockerignore"}</code>
                {" leaves one out, which COPY takes which, and which COPY would find nothing and fail."}
            </p>
            <h3 id="templates-title">{"Pretend a project"}</h3>
            <div class="templates" role="group" aria-labelledby="templates-title">{ for TEMPLATES.iter().map(template) }</div>
            <h3>{"Or take a folder of yours"}</h3>
            <div class="context-tools">
                { folder_button(take, "control folder") }
                <button class="control" onclick={empty}>{"Begin with no files"}</button>
            </div>
            <p class="hint">
                {"A folder can be dropped here, too. Only the names and sizes of its files are looked at, and the text of its "}
                <code>{".dockerignore"}</code>{". Nothing leaves the browser; but a link that you share holds the names."}
            </p>
        </div>
    }
}

/// The same in little, where there are files already.
pub(super) fn chooser(state: &Snapshot, take: Callback<BuildContext>) -> Html {
    let onchange = {
        let state = state.clone();
        move |event: Event| {
            let id = events::selected(&event);
            events::reset_select(&event);
            if let Some(template) = TEMPLATES.iter().find(|template| template.id == id) {
                put(&state, Some(template.context()));
            }
        }
    };
    html! {
        <>
            <select class="control small" id="context-templates" aria-label="Pretend another project" {onchange}>
                <option value="" selected=true>{"Another project…"}</option>
                { for TEMPLATES.iter().map(|it| html! { <option value={it.id}>{it.title}</option> }) }
            </select>
            { folder_button(&take, "control small folder") }
        </>
    }
}

fn folder_button(take: &Callback<BuildContext>, class: &'static str) -> Html {
    let onchange = {
        let take = take.clone();
        move |event: Event| {
            let take = take.clone();
            folder::chosen(&event, move |found| take.emit(found.context));
        }
    };
    html! {
        <label {class} title="Names and sizes only; nothing leaves the browser">
            {"Choose a folder…"}
            <input type="file" id="context-folder" class="visually-hidden" webkitdirectory=true multiple=true {onchange} />
        </label>
    }
}
