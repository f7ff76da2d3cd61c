//! Before there is a build: how one comes to be, and recorded ones.

use protocol::build::Recording;
use std::rc::Rc;
use yew::platform::spawn_local;
use yew::prelude::*;

use crate::browser::{fetch, files};
use crate::building::{self, Happening, RECORDINGS, Server};
use crate::panels::Props;
use crate::state::{Action, Notice, Snapshot};

#[component]
pub(super) fn Start(props: &Props) -> Html {
    let state = &props.state;
    let choose = {
        let state = state.clone();
        move |event: Event| {
            let state = state.clone();
            files::chosen(&event, move |all| {
                let text = all.into_iter().next().and_then(|(_, text)| text);
                play(&state, &text.unwrap_or_default());
            });
        }
    };
    html! {
        <div class="build-start">
            { match &state.building.server {
                Server::There(_) => html! {
                    <p class="lead">{"Nothing has been built yet. What is built is what you see: this text, this target, these arguments. The steps light up in the picture as they run, and what comes out stands beside what was foretold."}</p>
                },
                Server::Asked => html! { <p class="lead" role="status">{"Asking the server what it can do…"}</p> },
                Server::Lost(sentence) => html! { <p class="refusal" role="alert">{sentence.to_string()}</p> },
                Server::None => html! {
                    <>
                        <p class="lead">{"This page only reads. To build for real, run Stagelight beside your Docker Engine and open the address it names:"}</p>
                        <pre class="command-line"><code>{"stagelight serve"}</code></pre>
                        <p class="hint">{"Until then, look at a build that was recorded: the same picture, the same steps, in their real time."}</p>
                    </>
                },
            } }
            <div class="offers">
                { for RECORDINGS.iter().map(|(file, title)| {
                    let state = state.clone();
                    let onclick = move |_| {
                        let state = state.clone();
                        spawn_local(async move {
                            match fetch::text(&format!("recordings/{file}"), "").await {
                                Ok(text) => play(&state, &text),
                                Err(text) => state.dispatch(Action::Tell(Notice { text, is_error: true })),
                            }
                        });
                    };
                    html! { <button class="control" {onclick}>{*title}</button> }
                }) }
                <label class="control file">{"Open a saved build"}<input class="visually-hidden" type="file" accept=".ndjson" onchange={choose} /></label>
            </div>
        </div>
    }
}

/// Shows a recording with the Dockerfile that it is of.
fn play(state: &Snapshot, text: &str) {
    match Recording::from_text(text) {
        Ok(Recording { request, events }) => {
            let playground = building::playground(&request);
            state.dispatch(Action::Open(Box::new(playground)));
            state.dispatch(Action::Build(Happening::Played(Rc::new(request), events)));
        }
        Err(text) => state.dispatch(Action::Tell(Notice { text, is_error: true })),
    }
}
