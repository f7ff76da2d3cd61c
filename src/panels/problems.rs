//! What is wrong with the text, as a list; a click goes to the place, and says more in the panel of checks.
//!
//! What is only good to know stands in that panel alone.

use dockerfile::checks::Level;
use yew::prelude::*;

use super::Props;
use crate::analysis::{Problem, ProblemKind};
use crate::state::{Action, Check, State};

/// Longer lists help nobody.
const MAX_SHOWN: usize = 100;

#[component]
pub(crate) fn Problems(props: &Props) -> Html {
    let state = &props.state;
    let problems = &state.problems;
    let shown = || {
        let numbered = problems.iter().enumerate();
        numbered.filter(|(_, problem)| problem.kind.level() != Level::Info)
    };
    let n_shown = shown().count();
    let n_notes = problems.len() - n_shown;
    let dispatch = state.dispatcher();
    let more = move |_| dispatch.dispatch(Action::Check(Check::All));
    html! {
        <section class={classes!("problems", (n_shown == 0).then_some("none"))} aria-label="Errors">
            <div class="problems-head">
                <h3><span role="status">{summary(problems)}</span></h3>
                if n_notes > 0 {
                    <button class="link" onclick={more}>{counted(n_notes, "note")}</button>
                }
            </div>
            if n_shown > 0 {
                <ol>
                    { for shown().take(MAX_SHOWN).map(|(place, problem)| row(state, place, problem, state.dispatcher())) }
                </ol>
                if n_shown > MAX_SHOWN {
                    <p class="more">{format!("and {} more", n_shown - MAX_SHOWN)}</p>
                }
            }
        </section>
    }
}

/// One problem as a button.
pub(crate) fn row(
    state: &State,
    place: usize,
    problem: &Problem,
    dispatch: UseReducerDispatcher<State>,
) -> Html {
    let check = state.check_of(place);
    let onclick = move |_| dispatch.dispatch(Action::Check(check.clone()));
    let class = match problem.kind {
        ProblemKind::Error | ProblemKind::Found(Level::Error) => None,
        ProblemKind::Elsewhere => Some("elsewhere"),
        ProblemKind::Found(Level::Warning) => Some("warning"),
        ProblemKind::Found(Level::Info) => Some("info"),
    };
    html! {
        <li>
            <button class={classes!("problem", class)} {onclick}>
                <span class="at">{format!("{}:{}", problem.at.line, problem.at.column)}</span>
                <span class="what">
                    {&problem.message}
                    if let Some(rule) = problem.rule() { <span class="tag">{rule.name}</span> }
                </span>
                if let Some(help) = &problem.help {
                    <span class="todo">{help}</span>
                }
            </button>
        </li>
    }
}

/// How many errors and warnings there are.
fn summary(problems: &[Problem]) -> String {
    let count = |is_meant: fn(ProblemKind) -> bool| problems.iter().filter(|it| is_meant(it.kind)).count();
    let n_errors = count(|kind| kind.level() == Level::Error);
    let n_elsewhere = count(|kind| kind == ProblemKind::Elsewhere);
    let n_warnings = count(|kind| kind == ProblemKind::Found(Level::Warning));
    let mut text = if n_errors == 0 { "No errors".to_owned() } else { counted(n_errors, "error") };
    if n_elsewhere > 0 {
        text += &format!(" for this target, {n_elsewhere} in stages that it does not need");
    }
    if n_warnings > 0 {
        text += &format!(", {}", counted(n_warnings, "warning"));
    }
    text
}

/// A number of things, in words.
pub(crate) fn counted(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}
