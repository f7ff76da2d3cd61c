//! What is wrong with the text, as a list; a click goes to the place.

use yew::prelude::*;

use super::Props;
use crate::state::Action;

/// Longer lists help nobody.
const MAX_SHOWN: usize = 100;

#[component]
pub(crate) fn Problems(props: &Props) -> Html {
    let state = &props.state;
    let problems = &state.problems;
    let n_errors = problems.iter().filter(|problem| problem.is_error).count();
    let n_elsewhere = problems.len() - n_errors;
    let mut title = match n_errors {
        0 => "No errors".to_owned(),
        1 => "1 error".to_owned(),
        n => format!("{n} errors"),
    };
    if n_elsewhere > 0 {
        title += &format!(" for this target, {n_elsewhere} in stages that it does not need");
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
                        html! {
                            <li>
                                <button class={classes!("problem", (!problem.is_error).then_some("elsewhere"))} {onclick}>
                                    <span class="at">{format!("{}:{}", problem.at.line, problem.at.column)}</span>
                                    <span class="what">{&problem.message}</span>
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
