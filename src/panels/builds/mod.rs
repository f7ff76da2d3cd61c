//! A Compose or Bake file beside the Dockerfile: which service or target builds which stage, with what, and what does
//! not fit. A click asks for one of these builds.

mod file;
mod list;
mod start;

use ::builds::{Held, dockerfiles};
use protocol::builds::{BuildFile, Level, Problem};
use yew::prelude::*;

use self::file::File;
use self::list::Builds as List;
use self::start::Start;
use super::Props;
use crate::beside::{Beside, Reading};
use crate::browser::events;
use crate::state::{Action, Snapshot};

/// More problems than this are not listed; the first ones are what the others come from.
const MAX_PROBLEMS: usize = 100;

#[component]
pub(crate) fn Builds(props: &Props) -> Html {
    let state = &props.state;
    html! {
        <div class="builds-panel">
            <section class="builds-file" aria-labelledby="builds-file-title">
                <File state={state.clone()} />
            </section>
            <section class="builds-list" aria-labelledby="builds-title">
                { answer(state) }
            </section>
        </div>
    }
}

/// What there is to say of the file.
fn answer(state: &Snapshot) -> Html {
    if state.beside.is_empty() {
        return html! { <Start state={state.clone()} /> };
    }
    let (file, held) = match (&state.reading, state.held()) {
        (Reading::Nothing, _) => {
            return html! { <><h2 id="builds-title">{"Builds"}</h2><p class="hint" role="status">{"Reading the file…"}</p></> };
        }
        (Reading::Failed(sentence), _) => {
            return html! { <><h2 id="builds-title">{"Builds"}</h2><p class="refusal" role="status">{sentence.to_string()}</p></> };
        }
        (Reading::Done(_), None) => {
            return html! {
                <>
                    <h2 id="builds-title">{"Builds"}</h2>
                    <p class="hint" role="status">{"This is a piece of a Dockerfile; builds are of a whole one."}</p>
                </>
            };
        }
        (Reading::Done(file), Some(held)) => (file, held),
    };
    html! {
        <>
            <h2 id="builds-title">{"Builds of this Dockerfile"}<span class="note" role="status">{summary(held)}</span></h2>
            { choice(state, file, held) }
            { problems(&held.problems) }
            <List state={state.clone()} />
            { not_built(state, held) }
            { others(held) }
        </>
    }
}

fn summary(held: &Held) -> String {
    let counted = |n: usize, noun: &str| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
    let n_errors = held.problems.iter().filter(|problem| problem.level == Level::Error).count();
    match n_errors {
        0 => counted(held.builds.len(), "build"),
        n => format!("{}, {}", counted(held.builds.len(), "build"), counted(n, "error")),
    }
}

/// Which of several Dockerfiles the text is.
fn choice(state: &Snapshot, file: &BuildFile, held: &Held) -> Html {
    let found = dockerfiles(file);
    if found.len() < 2 {
        return Html::default();
    }
    let onchange = {
        let (dispatch, beside) = (state.dispatcher(), state.beside.clone());
        move |event: Event| {
            let dockerfile = Some(events::selected(&event));
            dispatch.dispatch(Action::Beside(Beside { dockerfile, ..Beside::clone(&beside) }));
        }
    };
    html! {
        <p class="builds-choice">
            <label for="builds-dockerfile">{"This Dockerfile is "}</label>
            <select class="control small" id="builds-dockerfile" {onchange}>
                { for found.into_iter().map(|(path, n)| html! {
                    <option value={path.to_owned()} selected={held.dockerfile.as_deref() == Some(path)}>
                        {format!("{path} ({n} {})", if n == 1 { "build" } else { "builds" })}
                    </option>
                }) }
            </select>
        </p>
    }
}

fn problems(problems: &[Problem]) -> Html {
    if problems.is_empty() {
        return Html::default();
    }
    let problem = |problem: &Problem| {
        let line = problem.at.line;
        let (class, word) = match problem.level {
            Level::Error => ("error", "Error"),
            Level::Warning => ("warning", "Warning"),
            Level::Info => ("info", "Note"),
        };
        let onclick = move |_| events::select_line(file::AREA, line);
        html! {
            <li class={class}>
                <button class="origin" {onclick} aria-label={format!("{line}:{} in the file", problem.at.column)}>{format!("{line}:{}", problem.at.column)}</button>
                <span><b class="level">{word}</b>{" "}{&problem.message}
                    if let Some(help) = &problem.help { <span class="help">{help}</span> }
                </span>
            </li>
        }
    };
    // Errors first, each kind in the order of the file.
    let mut sorted: Vec<&Problem> = problems.iter().collect();
    sorted.sort_by_key(|problem| problem.level);
    html! {
        <ul class="builds-problems" aria-label="What does not fit">
            { for sorted.into_iter().take(MAX_PROBLEMS).map(problem) }
        </ul>
    }
}

/// Stages that nobody builds.
fn not_built(state: &Snapshot, held: &Held) -> Html {
    if held.not_built.is_empty() {
        return Html::default();
    }
    let is_sure = held.builds.iter().all(|build| build.stage.is_some());
    html! {
        <>
            <h3>{ if is_sure { "Stages that no build needs" } else { "Stages that no build needs, as far as is known" } }</h3>
            <p class="builds-stages">{ for held.not_built.iter().map(|&stage| list::stage(state, stage)) }</p>
        </>
    }
}

/// What has nothing to do with this Dockerfile.
fn others(held: &Held) -> Html {
    if held.others.is_empty() {
        return Html::default();
    }
    html! {
        <>
            <h3>{"Not of this Dockerfile"}</h3>
            <ul class="builds-others">
                { for held.others.iter().map(|other| html! { <li><b>{&other.name}</b>{format!(" {}", other.why)}</li> }) }
            </ul>
        </>
    }
}
