//! The exercise of a lesson: how its goals stand, hints, and the solution.
//!
//! Goals are asked again at each pause in typing. Until the answer is there the one before stays, so nothing flickers.

use std::rc::Rc;

use protocol::lessons::{Exercise, Outcome, Verdict, Work};
use yew::platform::spawn_local;
use yew::prelude::*;

use super::{View, parts};
use crate::browser::{events, lessons};
use crate::learning::{Mark, Place};
use crate::panels::diff::diff;
use crate::state::Action;

#[derive(Properties, PartialEq)]
pub(super) struct ExerciseProps {
    pub(super) view: View,
    pub(super) exercise: Rc<Exercise>,
    /// The text of the whole lesson.
    pub(super) text: AttrValue,
    /// The lesson behind this one.
    pub(super) next: Option<Place>,
}

#[component]
pub(super) fn ExercisePart(props: &ExerciseProps) -> Html {
    let ExerciseProps { view, exercise, text, next } = props;
    let is_begun = view.state.learning.exercise;
    let standing = use_standing(view, exercise, text, is_begun);
    let has_start = !exercise.start.dockerfile.trim().is_empty();
    let start = {
        let (view, exercise) = (view.clone(), exercise.clone());
        move |_: MouseEvent| {
            view.reach.emit((view.place.clone(), Mark::Begun));
            parts::put(&view, &exercise.start, true);
        }
    };
    let take = {
        let view = view.clone();
        move |_: MouseEvent| {
            view.reach.emit((view.place.clone(), Mark::Begun));
            view.state.dispatch(Action::Exercise);
        }
    };
    let is_all_met = standing.is_all_met();
    html! {
        <section class="exercise" aria-labelledby="exercise-title">
            <h4 id="exercise-title">{"Exercise"}</h4>
            { parts::parts(view, &exercise.task) }
            <p class="actions">
                if has_start {
                    <button class={classes!("control", (!is_begun).then_some("primary"))} id="exercise-start" onclick={start}>
                        { if is_begun { "Start over" } else { "Start the exercise" } }
                    </button>
                }
                if !is_begun {
                    <button class="link" id="exercise-take" onclick={take}>{"Check what is in the editor"}</button>
                }
            </p>
            if !exercise.goals.is_empty() {
                <h5>{"Goals"}</h5>
                { parts::parts(view, &exercise.about_goals) }
                if let Some(why) = &standing.trouble {
                    <p class="message error">{why}</p>
                }
                <ul class="goals" id="goals">
                    { for exercise.goals.iter().enumerate().map(|(nth, goal)| goal_row(view, goal, &standing.verdicts, nth)) }
                </ul>
            }
            <p class="visually-hidden" role="status" id="goal-news">{&standing.news}</p>
            if is_all_met {
                <div class="all-met" id="all-met">
                    <p>{"All goals are met."}</p>
                    if let Some(next) = next {
                        <span class="control primary">{ parts::to_lesson(&view.state, next, html! { {"Next lesson"} }) }</span>
                    }
                </div>
            }
            if !exercise.hints.is_empty() { <Hints view={view.clone()} hints={exercise.hints.clone()} /> }
            if !exercise.solution.dockerfile.is_empty() {
                <Solution view={view.clone()} exercise={exercise.clone()} {is_all_met} />
            }
        </section>
    }
}

/// One goal, and how it stands where that is known.
fn goal_row(view: &View, goal: &str, verdicts: &[Verdict], nth: usize) -> Html {
    let verdict = verdicts.get(nth);
    let (class, sign, word) = match verdict.map(|verdict| verdict.outcome) {
        Some(Outcome::Met) => ("met", "✓", "Met"),
        Some(Outcome::Unmet) => ("unmet", "○", "Not yet"),
        Some(Outcome::Unknown) => ("unknown", "?", "Unknown"),
        None => ("open", "·", ""),
    };
    // One reason for all, such as an error of BuildKit, is said once.
    let is_said = |verdict: &Verdict| {
        verdicts.iter().take(nth).any(|it| it.why == verdict.why && it.outcome == verdict.outcome)
    };
    let why = verdict
        .filter(|verdict| verdict.outcome != Outcome::Met)
        .map(|verdict| if is_said(verdict) { "For the same reason".to_owned() } else { verdict.why.clone() });
    let place = verdict.and_then(|verdict| verdict.place);
    let why = why.map(|why| match place {
        Some(place) => {
            let state = view.state.clone();
            let onclick = move |_: MouseEvent| {
                if state.analysis.text.is_char_boundary(place.offset) {
                    state.dispatch(Action::GoTo(place.offset));
                }
            };
            html! { <button class="link why" {onclick}><span class="line">{format!("Line {}: ", place.line)}</span>{why}</button> }
        }
        None => html! { <span class="why">{why}</span> },
    });
    html! {
        <li class={classes!("goal", class)}>
            <span class="sign" aria-hidden="true">{sign}</span>
            <span class="what">{ parts::sentence(goal) }</span>
            <span class="outcome">{word}</span>
            {why}
        </li>
    }
}

/// How the goals stand.
#[derive(Clone, Debug, Default, PartialEq)]
struct Standing {
    verdicts: Vec<Verdict>,
    /// What there is to tell who cannot see it.
    news: String,
    /// Why nothing can be told.
    trouble: Option<String>,
}

impl Standing {
    fn is_all_met(&self) -> bool {
        !self.verdicts.is_empty() && self.verdicts.iter().all(|it| it.outcome == Outcome::Met)
    }

    /// What has come since.
    fn then(&self, answer: Result<Vec<Verdict>, String>, goals: &[String]) -> Standing {
        let verdicts = match answer {
            Ok(verdicts) => verdicts,
            Err(why) => return Standing { trouble: Some(why), ..self.clone() },
        };
        let is_met =
            |verdicts: &[Verdict], nth: usize| verdicts.get(nth).is_some_and(|it| it.outcome == Outcome::Met);
        let new = (0..verdicts.len()).filter(|&nth| is_met(&verdicts, nth) && !is_met(&self.verdicts, nth));
        let new: Vec<&str> = new.filter_map(|nth| goals.get(nth).map(String::as_str)).collect();
        let mut standing = Standing { verdicts, ..Standing::default() };
        standing.news = match (standing.is_all_met(), new.is_empty()) {
            (true, _) => "All goals are met.".to_owned(),
            (false, true) => String::new(),
            (false, false) => format!("Met: {}.", new.join("; ")).replace('`', ""),
        };
        standing
    }
}

/// How the goals of a lesson stand for the text, while that is an answer to it.
#[hook]
fn use_standing(view: &View, exercise: &Rc<Exercise>, text: &AttrValue, is_begun: bool) -> Rc<Standing> {
    let standing = use_mut_ref(Rc::<Standing>::default);
    let wanted = use_mut_ref(|| 0_usize);
    let update = use_force_update();
    {
        let (standing, view, text, exercise) =
            (standing.clone(), view.clone(), text.clone(), exercise.clone());
        let key = (view.state.analysis.clone(), is_begun);
        use_effect_with(key, move |(analysis, is_begun)| {
            *wanted.borrow_mut() += 1;
            let mine = *wanted.borrow();
            if !*is_begun {
                *standing.borrow_mut() = Rc::default();
                update.force_update();
                return;
            }
            let work = Work { dockerfile: analysis.text.clone(), context: analysis.asked.linked_context() };
            spawn_local(async move {
                let answer = lessons::judge(&text, &work).await;
                if *wanted.borrow() != mine {
                    return;
                }
                let next = standing.borrow().then(answer, &exercise.goals);
                if next.is_all_met() {
                    view.reach.emit((view.place.clone(), Mark::Done));
                }
                *standing.borrow_mut() = Rc::new(next);
                update.force_update();
            });
        });
    }
    let standing = standing.borrow();
    standing.clone()
}

#[derive(Properties, PartialEq)]
struct HintsProps {
    view: View,
    hints: Vec<String>,
}

/// Hints, one after the other.
#[component]
fn Hints(props: &HintsProps) -> Html {
    let n_shown = use_state(|| 0_usize);
    let n = props.hints.len();
    use_effect_with(*n_shown, |&n_shown| {
        if n_shown > 0 {
            events::focus(&format!("hint-{n_shown}"));
        }
    });
    let onclick = {
        let n_shown = n_shown.clone();
        move |_: MouseEvent| n_shown.set(*n_shown + 1)
    };
    html! {
        <section class="hints">
            <h5>{"Hints"}</h5>
            if *n_shown > 0 {
                <ol>{ for props.hints.iter().take(*n_shown).enumerate().map(|(nth, hint)| html! {
                    <li id={format!("hint-{}", nth + 1)} tabindex="-1">{ parts::text(&props.view, hint) }</li>
                }) }</ol>
            }
            if *n_shown < n {
                <p class="actions"><button class="control small" id="next-hint" {onclick}>{format!("Show hint {} of {n}", *n_shown + 1)}</button></p>
            }
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct SolutionProps {
    view: View,
    exercise: Rc<Exercise>,
    is_all_met: bool,
}

/// The solution, when somebody really wants it.
#[component]
fn Solution(props: &SolutionProps) -> Html {
    let SolutionProps { view, exercise, is_all_met } = props;
    let is_shown = use_state(|| false);
    let is_compared = use_state(|| false);
    let show = {
        let is_shown = is_shown.clone();
        move |_: MouseEvent| is_shown.set(true)
    };
    let compare = {
        let is_compared = is_compared.clone();
        move |_: MouseEvent| is_compared.set(!*is_compared)
    };
    let own = &view.state.analysis.text;
    let solution = &exercise.solution.dockerfile;
    html! {
        <details class="solution" id="solution">
            <summary><h5>{"Solution"}</h5></summary>
            if *is_shown || *is_all_met {
                <div class="solution-text">
                { parts::example(view, &exercise.solution, "Put it into the editor", view.state.learning.exercise) }
                <p class="actions">
                    <button class="control small" id="compare" onclick={compare} aria-pressed={is_compared.to_string()}>{"Compare with the solution"}</button>
                </p>
                if *is_compared {
                    if own.trim_end() == solution.trim_end() {
                        <p class="note">{"What is in the editor is the same."}</p>
                    } else {
                        <p class="note">{"From what is in the editor to the solution:"}</p>
                        { diff(own, solution, "From what is in the editor to the solution") }
                    }
                }
                { parts::parts(view, &exercise.about_solution) }
                </div>
            } else {
                <p>{"This gives the answer away. Try the hints first; what meets the goals in another way is as good."}</p>
                <p class="actions"><button class="control small" id="show-solution" onclick={show}>{"Show the solution"}</button></p>
            }
        </details>
    }
}
