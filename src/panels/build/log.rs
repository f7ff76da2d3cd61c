//! What a step printed: its colours and nothing else of what steers a terminal, with a search and a download.

use protocol::build::{Step, StepState};
use yew::prelude::*;

use super::LOG;
use super::steps::{measured, shown};
use crate::ansi::{self, Line};
use crate::browser::{events, files};
use crate::building::{Happening, Run};
use crate::panels::Props;
use crate::state::{Action, Snapshot};

/// More lines than this are shown only when somebody asks for them.
const MAX_LINES: usize = 1_000;

#[component]
pub(super) fn Log(props: &Props) -> Html {
    let state = &props.state;
    let (wanted, all, follows) = (use_state(String::new), use_state(|| false), use_state(|| true));
    let run = state.building.run.as_ref();
    let id = run.and_then(|run| shown(run, state.building.step));
    let log = run.zip(id).and_then(|(run, id)| run.progress.log(id).cloned());
    let lines = use_memo(log.clone(), |log| {
        let text = log.as_ref().map(|log| log.text()).unwrap_or_default();
        let mut lines = ansi::lines(&text);
        if lines.last().is_some_and(|line| line.spans.is_empty()) {
            lines.pop();
        }
        lines
    });
    use_effect_with((id, lines.len(), *follows), |&(_, _, follows)| {
        if follows {
            events::scroll_to_end(LOG);
        }
    });
    let Some((run, step)) =
        run.zip(id).and_then(|(run, id)| Some((run, run.progress.steps.get(id as usize)?)))
    else {
        return html! {
            <section class="build-output" aria-labelledby="build-output-title">
                <h2 id="build-output-title">{"Output"}</h2>
                <p class="hint">{"Nothing has been printed yet."}</p>
            </section>
        };
    };
    let needle = wanted.to_lowercase();
    let found: Vec<(usize, &Line)> = (1..)
        .zip(lines.iter())
        .filter(|(_, line)| needle.is_empty() || line.text().to_lowercase().contains(&needle))
        .collect();
    let n_left_out = if *all { 0 } else { found.len().saturating_sub(MAX_LINES) };
    let search = {
        let wanted = wanted.clone();
        move |event: InputEvent| wanted.set(events::text(&event))
    };
    let follow = {
        let follows = follows.clone();
        move |_| follows.set(!*follows)
    };
    let show_all = {
        let all = all.clone();
        move |_| all.set(true)
    };
    let save = {
        let (log, id) = (log.clone(), step.id);
        move |_| {
            let text = log.as_ref().map(|log| log.text()).unwrap_or_default();
            files::save(&format!("step-{id}.log"), "text/plain", &text);
        }
    };
    let free = {
        let dispatch = state.dispatcher();
        move |_| dispatch.dispatch(Action::Build(Happening::Step(None)))
    };
    html! {
        <section class="build-output" aria-labelledby="build-output-title">
            <h2 id="build-output-title">{"Output"}<span class="note">{title(state, run, step)}</span></h2>
            <div class="build-output-head">
                <input class="control small" type="search" placeholder="Find in the output" aria-label="Find in the output" oninput={search} />
                if !needle.is_empty() { <span class="note" role="status">{lines_word(found.len())}</span> }
                <label class="check"><input type="checkbox" checked={*follows} onchange={follow} />{"Follow"}</label>
                <button class="control small" onclick={save} aria-disabled={lines.is_empty().to_string()}>{"Download"}</button>
                if state.building.step.is_some() && run.is_going_on() {
                    <button class="control small" onclick={free}>{"Show what runs"}</button>
                }
            </div>
            if let Some(error) = &step.error { <p class="refusal">{error}</p> }
            if n_left_out > 0 {
                <p><button class="control small" onclick={show_all}>{format!("Show {n_left_out} earlier lines")}</button></p>
            }
            <div class="build-log" id={LOG} tabindex="0" role="log" aria-live="off" aria-label="Output of the step">
                if lines.is_empty() { <p class="hint">{"This step has printed nothing."}</p> }
                { for found.iter().skip(n_left_out).map(|(number, line)| row(*number, line)) }
                { clipped(run, step) }
            </div>
        </section>
    }
}

fn lines_word(n: usize) -> String {
    match n {
        0 => "no line".to_owned(),
        1 => "1 line".to_owned(),
        n => format!("{n} lines"),
    }
}

fn title(state: &Snapshot, run: &Run, step: &Step) -> String {
    let own = state.building.step.is_none() && run.is_going_on();
    let runs = own && step.state == StepState::Running;
    format!("{}{}", step.name, if runs { " (what runs)" } else { "" })
}

fn row(number: usize, line: &Line) -> Html {
    html! {
        <div class="log-line" key={number}>
            <span class="number" aria-hidden="true">{number}</span>
            <span class="text">{ for line.spans.iter().map(|span| match span.look.class() {
                Some(class) => html! { <span {class}>{&span.text}</span> },
                None => html! { {&span.text} },
            }) }</span>
        </div>
    }
}

/// What was left out of the output.
fn clipped(run: &Run, step: &Step) -> Html {
    let own = run.progress.clipped.get(&Some(step.id));
    let whole = run.progress.clipped.get(&None);
    html! {
        <>
            if let Some(n) = own { <p class="hint">{format!("{} of this step's output were left out: it was too much.", measured(*n))}</p> }
            if let Some(n) = whole { <p class="hint">{format!("{} of the whole build's output were left out: it was too much.", measured(*n))}</p> }
        </>
    }
}
