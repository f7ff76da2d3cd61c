//! Before there is a build: how one comes to be, and recorded ones.

use protocol::build::{Accepted, Record, Recording};
use std::rc::Rc;
use yew::platform::spawn_local;
use yew::prelude::*;

use super::end_word;
use crate::browser::{fetch, files, history, server};
use crate::building::{self, Happening, RECORDINGS, Server};
use crate::dialogs::ago;
use crate::panels::Props;
use crate::state::{Action, Notice, Snapshot};

/// So many of one's own builds are listed.
const MAX_OWN: usize = 8;

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
            if matches!(state.building.server, Server::There(_)) {
                <Own state={state.clone()} />
            }
        </div>
    }
}

/// Shows a build of the server's with the Dockerfile that it is of.
pub(crate) fn open_build(state: &Snapshot, record: Record) {
    let accepted = Accepted { token: server::token(&record.id), id: record.id.clone(), shared: false };
    state.dispatch(Action::Open(Box::new(building::playground(&record.request))));
    state.dispatch(Action::Build(Happening::Opened(Box::new(record))));
    state.dispatch(Action::Build(Happening::Taken(accepted)));
}

/// Builds that one has asked this server for.
#[component]
fn Own(props: &Props) -> Html {
    let state = &props.state;
    let found = use_state(|| None::<(u64, Vec<Record>)>);
    {
        let found = found.clone();
        use_effect_with((), move |()| {
            spawn_local(async move {
                let mut all = Vec::new();
                for id in server::own() {
                    match server::record(&id).await {
                        Ok(record) => all.push(record),
                        Err(problem) if problem.status == 404 => server::forget(&id),
                        Err(_) => break,
                    }
                }
                all.sort_by_key(|record| std::cmp::Reverse(record.created));
                all.truncate(MAX_OWN);
                found.set(Some((history::now(), all)));
            });
        });
    }
    let Some((now, all)) = found.as_ref().filter(|(_, all)| !all.is_empty()) else { return Html::default() };
    let row = |record: &Record| {
        let onclick = {
            let (state, record) = (state.clone(), record.clone());
            move |_| open_build(&state, record.clone())
        };
        let lines = record.request.dockerfile.lines().map(str::trim);
        let first =
            lines.clone().find(|line| line.get(..5).is_some_and(|it| it.eq_ignore_ascii_case("from ")));
        let name = match &record.request.target {
            Some(target) => format!("{target} of {}", first.unwrap_or_default()),
            None => first.unwrap_or_default().to_owned(),
        };
        let name: String = name.chars().take(60).collect();
        let end = record.outcome.as_ref().map(|outcome| end_word(outcome.end));
        let end = end.unwrap_or(if record.status == "queued" { "waits" } else { "runs" });
        let ago = ago(now.saturating_sub(record.created * 1000));
        html! { <li><button class="origin" {onclick}>{name}</button><span class="note">{format!(" {end}, {ago}")}</span></li> }
    };
    html! {
        <>
            <h3>{"Your builds here"}</h3>
            <ul class="own-builds">{ for all.iter().map(row) }</ul>
        </>
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
