//! What runs again, and what stays cached, after a change: of the text, of what the build is given, of a file.

mod day;
mod difference;
mod question;

use dockerfile::queries::cache::{Fate, Forecast, StepForecast};
use dockerfile::queries::plan::Place;
use yew::prelude::*;

use super::Props;
use crate::state::{Action, Snapshot, Thing};
use day::Day;
use difference::Differences;
use question::Question;

/// More rows slow the page down.
const MAX_SHOWN: usize = 200;

/// At most so many lines are named in the first sentence.
const MAX_LINES: usize = 6;

#[component]
pub(crate) fn Cache(props: &Props) -> Html {
    let state = &props.state;
    let Some(forecast) = state.forecast() else {
        return html! {
            <p class="hint">{"BuildKit refuses to build this, so nothing runs. What is wrong stands below the text."}</p>
        };
    };
    html! {
        <div class="cache">
            <p class="lead" role="status">{sentence(state, forecast)}</p>
            <Question state={state.clone()} />
            <Steps state={state.clone()} />
            <Differences state={state.clone()} />
            <Day state={state.clone()} />
        </div>
    }
}

/// Whether a builder has something to do, or to look up, for it.
fn is_step(step: &StepForecast) -> bool {
    match step.fate {
        Fate::Cached | Fate::SameContent | Fate::Merged | Fate::Relinked | Fate::Runs => step.place.row > 0,
        Fate::NotNeeded | Fate::Settings => false,
    }
}

fn sentence(state: &Snapshot, forecast: &Forecast) -> String {
    let steps = || forecast.steps.iter().filter(|step| is_step(step));
    let again: Vec<String> =
        steps().filter(|step| step.fate == Fate::Runs).map(|step| step.line.to_string()).collect();
    let n = steps().count();
    let lines = match again.len() {
        1 => format!(": line {}", again[0]),
        2..=MAX_LINES => format!(": lines {}", again.join(", ")),
        _ => String::new(),
    };
    match (n, again.len()) {
        (0, _) => "This target has no steps that could run again.".to_owned(),
        (_, 0) if state.is_as_built() && state.changed.is_nothing() => {
            "Nothing has changed: every step stays cached. Edit the Dockerfile or an argument, or pick a change below."
                .to_owned()
        }
        (_, 0) => "No step runs again: every one stays cached.".to_owned(),
        (1, 1) => "The only step runs again.".to_owned(),
        (n, all) if n == all => format!("All {n} steps run again."),
        (n, 1) => format!("1 of {n} steps runs again{lines}."),
        (n, again) => format!("{again} of {n} steps run again{lines}."),
    }
}

/// What becomes of a step, in a word or two.
pub(crate) fn word(fate: Fate) -> &'static str {
    match fate {
        Fate::NotNeeded => "not needed",
        Fate::Settings => "no step",
        Fate::Cached => "cached",
        Fate::SameContent => "cached, same content",
        Fate::Merged => "one with another",
        Fate::Relinked => "laid over anew",
        Fate::Runs => "runs again",
    }
}

/// What becomes of it, as a class of the style sheet.
pub(crate) fn class(fate: Fate) -> &'static str {
    match fate {
        Fate::NotNeeded => "not-needed",
        Fate::Settings => "no-step",
        Fate::Cached => "cached",
        Fate::SameContent => "same-content",
        Fate::Merged => "merged",
        Fate::Relinked => "relinked",
        Fate::Runs => "again",
    }
}

/// What becomes of every instruction of the stages that the target needs.
#[component]
fn Steps(props: &Props) -> Html {
    let state = &props.state;
    let all = use_state(|| false);
    let Some(forecast) = state.forecast() else { return Html::default() };
    let needed = |step: &&StepForecast| step.fate != Fate::NotNeeded;
    let n = forecast.steps.iter().filter(needed).count();
    let n_dark = forecast.steps.len() - n;
    let is_cut = n > MAX_SHOWN && !*all;
    let shown: Vec<&StepForecast> =
        forecast.steps.iter().filter(needed).take(if is_cut { MAX_SHOWN } else { n }).collect();
    let stages = shown.chunk_by(|a, b| a.place.stage == b.place.stage);
    let show_all = {
        let all = all.clone();
        move |_| all.set(true)
    };
    html! {
        <section class="forecast" aria-labelledby="forecast-title">
            <h2 id="forecast-title" class="visually-hidden">{"What becomes of each step"}</h2>
            <table>
                <thead><tr>
                    <th scope="col">{"Line"}</th><th scope="col">{"Instruction"}</th>
                    <th scope="col">{"Fate"}</th><th scope="col">{"Why"}</th>
                </tr></thead>
                { for stages.map(|steps| html! {
                    <tbody>
                        <tr class="stage-row"><th scope="rowgroup" colspan="4">{name(state, steps[0].place)}</th></tr>
                        { for steps.iter().map(|step| row(state, step)) }
                    </tbody>
                }) }
            </table>
            if is_cut {
                <p><button class="control" onclick={show_all}>{format!("Show all {n} instructions")}</button></p>
            }
            if n_dark > 0 {
                <p class="hint">
                    { match n_dark {
                        1 => "One more instruction is not needed for this target.".to_owned(),
                        n => format!("{n} more instructions are not needed for this target."),
                    } }
                </p>
            }
        </section>
    }
}

fn name(state: &Snapshot, place: Place) -> String {
    let stage = state.drawn.graph.stages.get(place.stage.0);
    stage.map_or_else(String::new, |stage| stage.display_name().to_string())
}

fn row(state: &Snapshot, step: &StepForecast) -> Html {
    let Some(what) = state.drawn.step(step.place.stage, step.place.row) else { return Html::default() };
    let thing = Thing::Step(step.place.stage, step.place.row);
    let is_selected = state.selected.as_ref() == Some(&thing);
    let hover = |on: Option<Thing>| {
        let dispatch = state.dispatcher();
        move |_: PointerEvent| dispatch.dispatch(Action::Hover(on.clone()))
    };
    html! {
        <tr class={classes!(class(step.fate), is_selected.then_some("lit"))}
            onpointerenter={hover(Some(thing.clone()))} onpointerleave={hover(None)}>
            <td>{ line(state, step.place, step.line.to_string(), step.line) }</td>
            <td class="what"><code><b>{&*what.keyword}</b>{" "}{what.summary.to_string()}</code></td>
            <td class="fate"><span>{word(step.fate)}</span></td>
            <td class="why">{ why(state, step) }</td>
        </tr>
    }
}

/// The sentence, in which the line that is the cause can be gone to.
fn why(state: &Snapshot, step: &StepForecast) -> Html {
    let cause = step.cause.filter(|cause| *cause != step.place);
    let first = cause.and_then(|cause| Some((cause, state.drawn.step(cause.stage, cause.row)?.lines.first)));
    let Some((cause, number)) = first else { return html! { {&step.sentence} } };
    let lower = format!("line {number}");
    let upper = format!("Line {number}");
    for words in [lower, upper] {
        if let Some((before, after)) = step.sentence.split_once(&words) {
            return html! { <>{before}{ line(state, cause, words, number) }{after}</> };
        }
    }
    html! { <>{&step.sentence}{" ("}{ line(state, cause, format!("line {number}"), number) }{")"}</> }
}

/// An instruction as a button that selects it.
fn line(state: &Snapshot, place: Place, words: String, line: u32) -> Html {
    let dispatch = state.dispatcher();
    let onclick = move |_| dispatch.dispatch(Action::Select(Thing::Step(place.stage, place.row)));
    html! { <button class="origin" {onclick} aria-label={format!("Line {line}")}>{words}</button> }
}
