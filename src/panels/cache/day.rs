//! A day of a developer: what the order of the instructions costs, and what another order would.

use std::rc::Rc;

use dockerfile::checks::Rule;
use dockerfile::edit::{self, Fix};
use dockerfile::queries::cache::Edit;
use yew::prelude::*;

use crate::analysis::Analysis;
use crate::browser::events;
use crate::panels::Props;
use crate::state::{Action, Snapshot};

/// The rule that knows a better order.
const REORDERS: &str = "SourceBeforeDependencies";

/// More edits a day nobody makes.
const MAX_TIMES: usize = 99;

/// What a day comes to, now and in a better order.
struct Costs {
    edits: Vec<Edit>,
    now: Vec<usize>,
    better: Option<(Fix, Vec<usize>)>,
}

impl Costs {
    fn of(state: &Snapshot) -> Option<Costs> {
        let cut = state.target_cut().filter(|cut| cut.errors.is_empty())?;
        let edits = state.drawn.day_of_a_developer(cut);
        let outputs = state.changed.outputs;
        let now = state.drawn.day(cut, &edits, outputs);
        let reorder = || {
            let is_reorder = |rule: &Rule| rule.name == REORDERS;
            let problem = state.problems.iter().find(|it| it.rule().is_some_and(is_reorder))?;
            let fix = state.analysis.fixes(Some(cut), problem).into_iter().next()?;
            let text = edit::apply(&state.analysis.text, &fix.edits)?;
            let target = state.lens.target.as_deref();
            let after = Analysis::of(text, state.drawn.asked.clone(), target);
            let cut = after.cut(target).ok().filter(|cut| cut.errors.is_empty())?;
            let costs = after.day(&cut, &edits, outputs);
            Some((fix, costs))
        };
        let better = if state.is_stale() { None } else { reorder() };
        Some(Costs { edits, now, better })
    }
}

#[component]
pub(super) fn Day(props: &Props) -> Html {
    let state = &props.state;
    let key = (state.drawn.clone(), state.cut.clone(), state.problems.clone(), state.changed.outputs);
    let costs = use_memo(key, |_| Costs::of(state));
    let times = use_state(|| Rc::new(Vec::<Option<usize>>::new()));
    let Some(costs) = costs.as_ref() else { return Html::default() };
    if costs.edits.is_empty() {
        return Html::default();
    }
    let times_of = |nth: usize| times.get(nth).copied().flatten().unwrap_or(costs.edits[nth].times);
    let total =
        |each: &[usize]| each.iter().enumerate().map(|(nth, cost)| cost * times_of(nth)).sum::<usize>();
    let better = costs.better.as_ref().map(|(_, each)| each.as_slice());
    let row = |(nth, edit): (usize, &Edit)| {
        let oninput = {
            let times = times.clone();
            move |event: InputEvent| {
                let mut all = Vec::clone(&times);
                all.resize(all.len().max(nth + 1), None);
                all[nth] = events::text(&event).parse().ok().map(|n: usize| n.min(MAX_TIMES));
                times.set(Rc::new(all));
            }
        };
        let cell = |each: &[usize]| {
            let (n, cost) = (times_of(nth), each.get(nth).copied().unwrap_or(0));
            html! { <td class="number">{format!("{n} × {cost} = {}", n * cost)}</td> }
        };
        html! {
            <tr>
                <th scope="row">{&edit.title}</th>
                <td>
                    <input class="control" type="range" min="0" max="20" value={times_of(nth).to_string()} {oninput}
                        aria-label={format!("{}: times a day", edit.title)} />
                </td>
                { cell(&costs.now) }
                if let Some(each) = better { { cell(each) } }
            </tr>
        }
    };
    html! {
        <section class="day" aria-labelledby="day-title">
            <h2 id="day-title">{"A day of a developer"}</h2>
            <p class="hint">{"How many steps run again, each counted as one until a build has measured it."}</p>
            <table>
                <thead><tr>
                    <th scope="col">{"Edit"}</th><th scope="col">{"Times"}</th><th scope="col" class="number">{"Steps, as it is"}</th>
                    if better.is_some() { <th scope="col" class="number">{"In another order"}</th> }
                </tr></thead>
                <tbody>{ for costs.edits.iter().enumerate().map(row) }</tbody>
                <tfoot><tr>
                    <th scope="row" colspan="2">{"All day"}</th>
                    <td class="number"><b>{total(&costs.now)}</b></td>
                    if let Some(each) = better { <td class="number"><b>{total(each)}</b></td> }
                </tr></tfoot>
            </table>
            if let Some((fix, each)) = &costs.better {
                { reorder(state, fix, total(&costs.now), total(each)) }
            }
        </section>
    }
}

/// The better order, with one click.
fn reorder(state: &Snapshot, fix: &Fix, now: usize, then: usize) -> Html {
    let (dispatch, of, edits) = (state.dispatcher(), state.analysis.clone(), fix.edits.clone());
    let onclick = move |_| dispatch.dispatch(Action::Apply(of.clone(), edits.clone()));
    let saves = match now.saturating_sub(then) {
        0 => "It saves no step in a day like this, but the dependencies stay cached".to_owned(),
        n => format!("It saves {n} of {now} steps"),
    };
    html! {
        <p class="reorder">
            <button class="control primary" id="reorder" {onclick}>{&fix.title}</button>
            {" "}<span class="todo">{saves}{"."}</span>
        </p>
    }
}
