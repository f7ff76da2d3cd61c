//! What is wrong with the text, as a list; a click goes to the place.

use yew::prelude::*;

use super::Props;
use crate::analysis::ProblemKind;
use crate::state::Action;

/// Longer lists help nobody.
const MAX_SHOWN: usize = 100;

#[component]
pub(crate) fn Problems(props: &Props) -> Html {
    let state = &props.state;
    let problems = &state.problems;
    let count = |is_meant: fn(ProblemKind) -> bool| problems.iter().filter(|it| is_meant(it.kind)).count();
    let counted = |n: usize, noun: &str| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
    let n_errors = count(|kind| kind == ProblemKind::Error);
    let n_elsewhere = count(|kind| kind == ProblemKind::Elsewhere);
    let n_warnings = count(|kind| matches!(kind, ProblemKind::Warning(_)));
    let mut title = if n_errors == 0 { "No errors".to_owned() } else { counted(n_errors, "error") };
    if n_elsewhere > 0 {
        title += &format!(" for this target, {n_elsewhere} in stages that it does not need");
    }
    if n_warnings > 0 {
        title += &format!(", {}", counted(n_warnings, "warning"));
    }
    html! {
        <section class={classes!("problems", problems.is_empty().then_some("none"))} aria-label="Errors">
            <h3><span role="status">{title}</span></h3>
            if !problems.is_empty() {
                <ol>
                    { for problems.iter().take(MAX_SHOWN).map(|problem| {
                        let offset = problem.range.start;
                        let dispatch = state.dispatcher();
                        let onclick = move |_| dispatch.dispatch(Action::GoTo(offset));
                        let (class, rule) = match problem.kind {
                            ProblemKind::Error => (None, None),
                            ProblemKind::Elsewhere => (Some("elsewhere"), None),
                            ProblemKind::Warning(rule) => (Some("warning"), Some(rule)),
                        };
                        html! {
                            <li>
                                <button class={classes!("problem", class)} {onclick}>
                                    <span class="at">{format!("{}:{}", problem.at.line, problem.at.column)}</span>
                                    <span class="what">
                                        {&problem.message}
                                        if let Some(rule) = rule { <span class="tag">{rule}</span> }
                                    </span>
                                    if let Some(help) = &problem.help {
                                        <span class="todo">{help}</span>
                                    }
                                </button>
                            </li>
                        }
                    }) }
                </ol>
                if problems.len() > MAX_SHOWN {
                    <p class="more">{format!("and {} more", problems.len() - MAX_SHOWN)}</p>
                }
            }
        </section>
    }
}
