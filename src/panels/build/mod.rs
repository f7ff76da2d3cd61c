//! A real build: what it is given, its steps as they run, what they print, and what came of it beside what was foretold.

mod beside;
mod files;
mod log;
mod outcome;
mod replay;
mod start;
pub(crate) mod steps;

use std::rc::Rc;

use policy::{Rules, refusals};
use protocol::build::{End, EngineName, Problem, Refusal};
use yew::platform::spawn_local;
use yew::prelude::*;

use self::beside::Beside;
use self::files::Files;
use self::log::Log;
use self::outcome::Outcome;
use self::replay::Replay;
use self::start::Start;
pub(crate) use self::start::open_build;
use self::steps::Steps;
use super::Props;
use crate::browser::{Timeout, events, server};
use crate::building::{self, Happening, Run, Server, is_of};
use crate::state::{Action, Notice, Snapshot};

/// How often the clock of a running build moves, in milliseconds.
const TICK: u32 = 250;

#[component]
pub(crate) fn Build(props: &Props) -> Html {
    let state = &props.state;
    let building = &state.building;
    html! {
        <div class="build-panel">
            <Head state={state.clone()} />
            if let Some(problem) = &building.problem {
                { told(problem) }
            }
            { match &building.run {
                None => html! { <Start state={state.clone()} /> },
                Some(run) => html! { <>{ about(state, run) }<Shown state={state.clone()} /></> },
            } }
            if matches!(building.server, Server::There(_)) {
                <Files state={state.clone()} />
            }
        </div>
    }
}

/// The build that is shown.
#[component]
fn Shown(props: &Props) -> Html {
    let state = &props.state;
    let now = use_now(state);
    if state.building.run.is_none() {
        return Html::default();
    }
    html! {
        <>
            <div class="build-columns">
                <Steps state={state.clone()} {now} />
                <Log state={state.clone()} />
            </div>
            <Replay state={state.clone()} />
            <Outcome state={state.clone()} />
            <Beside state={state.clone()} />
        </>
    }
}

/// The time of the build, in milliseconds since it was asked for; it moves while something runs.
#[hook]
fn use_now(state: &Snapshot) -> u64 {
    let clock = use_state(|| 0.0);
    let run = state.building.run.as_ref();
    let is_going_on = run.is_some_and(|run| run.is_going_on() && run.looked_at.is_none());
    {
        let clock = clock.clone();
        use_effect_with((is_going_on, *clock as u64), move |&(is_going_on, _)| {
            let timeout = is_going_on.then(|| Timeout::new(TICK, move || clock.set(server::now())));
            move || drop(timeout)
        });
    }
    let Some(run) = run else { return 0 };
    match is_going_on && !run.offset.is_nan() {
        true => ((*clock - run.offset).max(0.0) as u64).max(run.progress.at),
        false => run.progress.at,
    }
}

/// What can be done: build, stop, and how.
#[component]
fn Head(props: &Props) -> Html {
    let state = &props.state;
    let building = &state.building;
    let Server::There(health) = &building.server else { return Html::default() };
    let refused = use_memo((state.drawn.clone(), state.lens.target.clone(), health.clone()), {
        let state = state.clone();
        move |(_, _, health)| refusals(&building::request(&state, false), &Rules::of(health))
    });
    let running = building.run.as_ref().filter(|run| run.is_going_on());
    let why_not = why_not(state, &refused);
    let can = running.is_none() && why_not.is_none() && health.engine.is_some();
    let build = {
        let dispatch = state.dispatcher();
        move |_| {
            if can {
                // Made of the text as it is by then: this panel may be behind it by a moment.
                dispatch.dispatch(Action::Build(Happening::Asked));
            }
        }
    };
    let no_cache = {
        let dispatch = state.dispatcher();
        let to = !building.no_cache;
        move |_| dispatch.dispatch(Action::Build(Happening::NoCache(to)))
    };
    let legacy = |engine: &EngineName| EngineName { kind: "legacy".to_owned(), ..engine.clone() };
    let engine = health.engine.as_ref();
    let engine =
        engine.map(|it| if state.lens.legacy && health.abilities.legacy { legacy(it) } else { it.clone() });
    let target = state.target_cut().map(|cut| state.drawn.graph.stages[cut.target.0].display_name());
    html! {
        <div class="build-head">
            <button class="control primary" onclick={build} aria-disabled={(!can).to_string()}>
                { match target {
                    Some(name) => format!("Build {name}"),
                    None => "Build".to_owned(),
                } }
            </button>
            if let Some(run) = running {
                { stop(state, run) }
            }
            <label class="check"><input type="checkbox" checked={building.no_cache} onchange={no_cache} />{"Run every step, cached or not"}</label>
            { match &engine {
                Some(engine) => html! {
                    <span class="note">{engine_words(engine)}</span>
                },
                None => html! {
                    <span class="refusal">{ health.trouble.clone().unwrap_or_else(|| "No engine builds here".to_owned()) }</span>
                },
            } }
            if let Some(notice) = health.engine.as_ref().and_then(|engine| engine.notice.clone()) {
                <p class="hint">{notice}</p>
            }
            if let Some(why) = why_not.filter(|_| running.is_none()) {
                <p class="hint" role="status">{why}</p>
            }
            if !refused.is_empty() {
                { refused_list(state, &refused) }
            }
        </div>
    }
}

/// An engine, as people know it.
fn engine_words(engine: &EngineName) -> String {
    let version = &engine.version;
    match engine.kind.as_str() {
        "docker" => format!("Docker Engine {version}"),
        "buildkit" => format!("BuildKit {version}"),
        "legacy" => format!("the legacy builder of Docker Engine {version}"),
        "replay" => format!("recordings of engine {version}"),
        kind => format!("{kind} {version}"),
    }
}

/// Why what the page shows cannot be built.
fn why_not(state: &Snapshot, refused: &[Refusal]) -> Option<String> {
    if state.is_stale() {
        return Some(building::UNREADABLE.to_owned());
    }
    if state.drawn.supplied.is_some() {
        return Some("This is a piece of a Dockerfile; what is built is a whole one.".to_owned());
    }
    let Server::There(health) = &state.building.server else { return None };
    if state.lens.legacy && !health.abilities.legacy {
        return Some("What builds here is BuildKit; choose it above the picture.".to_owned());
    }
    match state.target_cut() {
        None => return Some("There is no such target, so nothing can be built.".to_owned()),
        Some(cut) => {
            if let Some(error) = cut.errors.first() {
                return Some(format!("BuildKit would refuse this: {}", error.message));
            }
        }
    }
    match refused.len() {
        0 => None,
        1 => Some("This server does not build it, for a reason:".to_owned()),
        n => Some(format!("This server does not build it, for {n} reasons:")),
    }
}

fn stop(state: &Snapshot, run: &Run) -> Html {
    let (Some(id), Some(token)) = (run.id.clone(), run.token.clone()) else {
        return html! {
            if run.shared {
                <span class="note">{"Somebody else has asked for the same build; you watch it."}</span>
            }
        };
    };
    let onclick = {
        let dispatch = state.dispatcher();
        move |_| {
            let (dispatch, id, token) = (dispatch.clone(), id.clone(), token.clone());
            dispatch.dispatch(Action::Build(Happening::Stopping(true)));
            spawn_local(async move {
                if let Err(problem) = server::cancel(&id, &token).await {
                    dispatch.dispatch(Action::Build(Happening::Stopping(false)));
                    dispatch.dispatch(Action::Tell(Notice { text: problem.title, is_error: true }));
                }
            });
        }
    };
    html! { <button class="control" {onclick} aria-disabled={run.is_stopping.to_string()}>{"Stop"}</button> }
}

/// What the server said instead of building.
fn told(problem: &Problem) -> Html {
    html! {
        <div class="build-problem" role="alert">
            <p><b>{&problem.title}</b></p>
            if let Some(help) = &problem.help { <p>{help}</p> }
            if !problem.refusals.is_empty() {
                <ul>{ for problem.refusals.iter().map(refusal) }</ul>
            }
        </div>
    }
}

fn refused_list(state: &Snapshot, refused: &[Refusal]) -> Html {
    let row = |it: &Refusal| {
        let line = it.line;
        let button = line
            .and_then(|line| state.drawn.step_at(line))
            .map(|(stage, row)| super::image::line_button(state, stage, row));
        html! { <li>{ button.unwrap_or_default() }{ refusal_words(it) }</li> }
    };
    html! { <ul class="refusals">{ for refused.iter().map(row) }</ul> }
}

fn refusal(it: &Refusal) -> Html {
    let place = it.line.map(|line| format!("Line {line}: "));
    html! { <li>{ place.unwrap_or_default() }{ refusal_words(it) }</li> }
}

fn refusal_words(it: &Refusal) -> Html {
    html! { <span><b>{&it.message}</b>{" "}{&it.reason}<span class="help">{&it.help}</span></span> }
}

/// How the build stands that is shown, and what is to be known of it.
fn about(state: &Snapshot, run: &Run) -> Html {
    let is_shown = is_of(run, &state.drawn);
    let show = {
        let (dispatch, run) = (state.dispatcher(), run.clone());
        move |_| {
            dispatch.dispatch(Action::Open(Box::new(building::playground(&run.request))));
        }
    };
    let close = {
        let dispatch = state.dispatcher();
        move |_| dispatch.dispatch(Action::Build(Happening::Closed))
    };
    let engine = run.progress.engine.as_ref().map(|engine| format!(" by {}", engine_words(engine)));
    let took = run.progress.outcome().map(|_| format!(" in {}", building::time(run.progress.at)));
    let end = run.progress.outcome().map(|outcome| outcome.end);
    let class = match end {
        Some(End::Succeeded) => "good",
        Some(_) => "bad",
        None => "going",
    };
    html! {
        <div class={classes!("build-about", class)}>
            <p role="status"><b>{building::standing(run)}</b>{took}{engine}</p>
            if let Some(id) = &run.id { { link(state, id) } }
            if !run.is_going_on() {
                <button class="control small" onclick={close}>{"Close this build"}</button>
                { delete(state, run) }
            }
            if let Some(trouble) = &run.trouble { <p class="refusal" role="alert">{trouble.to_string()}</p> }
            if !is_shown {
                <p class="hint">
                    {"The text has changed since this build, so the picture does not show it. "}
                    <button class="control small" onclick={show}>{"Show what was built"}</button>
                </p>
            }
        </div>
    }
}

/// Takes the build off the server, if it is one's own.
fn delete(state: &Snapshot, run: &Run) -> Html {
    let (Some(id), Some(token)) = (run.id.clone(), run.token.clone()) else { return Html::default() };
    let onclick = {
        let dispatch = state.dispatcher();
        move |_| {
            let (dispatch, id, token) = (dispatch.clone(), id.clone(), token.clone());
            spawn_local(async move {
                match server::delete(&id, &token).await {
                    Ok(()) => dispatch.dispatch(Action::Build(Happening::Closed)),
                    Err(problem) => {
                        dispatch.dispatch(Action::Tell(Notice { text: problem.title, is_error: true }));
                    }
                }
            });
        }
    };
    html! { <button class="control small" {onclick}>{"Delete it from the server"}</button> }
}

fn link(state: &Snapshot, id: &str) -> Html {
    let id: Rc<str> = id.into();
    let onclick = {
        let dispatch = state.dispatcher();
        move |_| {
            super::copy::copy(
                dispatch.clone(),
                server::link(&id),
                "The link to this build is copied.".to_owned(),
            );
        }
    };
    html! { <button class="control small" {onclick}>{"Copy a link to this build"}</button> }
}

fn counted(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// How a build ended, within a sentence.
fn end_word(end: End) -> &'static str {
    match end {
        End::Succeeded => "built",
        End::Failed => "failed",
        End::Cancelled => "stopped",
        End::TimedOut => "took too long",
        End::Interrupted => "broken off",
    }
}

/// The id of the output, to which a click on a step leads.
const LOG: &str = "build-log";

/// Shows the output of a step.
fn show_step(state: &Snapshot, step: u32) -> Callback<MouseEvent> {
    let dispatch = state.dispatcher();
    Callback::from(move |_| {
        dispatch.dispatch(Action::Build(Happening::Step(Some(step))));
        events::reveal(LOG);
    })
}
