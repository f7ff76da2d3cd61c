//! A lesson: its text, its exercise, and the way to the next one.

use std::rc::Rc;

use protocol::lessons::Entry;
use yew::prelude::*;

use super::exercise::ExercisePart;
use super::{Read, View, parts};
use crate::browser::events;
use crate::learning::{Mark, id_of, path_of};

#[derive(Properties, PartialEq)]
pub(super) struct PageProps {
    pub(super) view: View,
    /// What was read; there is something.
    pub(super) read: Rc<Option<Read>>,
}

#[component]
pub(super) fn Page(props: &PageProps) -> Html {
    let view = &props.view;
    let visits = view.state.learning.visits;
    use_effect_with(visits, |&visits| {
        // Who comes by a link has not asked for the focus yet.
        if visits > 0 {
            events::focus("lesson-title");
        }
    });
    let Some(Read { text, lesson }) = props.read.as_ref() else { return Html::default() };
    let entries = &view.workshop.lessons;
    let path = view.place.id.as_deref().map(path_of).unwrap_or_default();
    let nth = entries.iter().position(|entry| entry.path == path);
    let before = nth.and_then(|nth| Some((nth, entries.get(nth.checked_sub(1)?)?)));
    let next = nth.and_then(|nth| Some((nth + 1, entries.get(nth + 1)?)));
    let section = nth.and_then(|nth| entries.get(nth)).map_or("", |entry| entry.section.as_str());
    // One without an exercise is done when somebody has come to its end.
    let onnext = {
        let (reach, place, is_read) = (view.reach.clone(), view.place.clone(), lesson.exercise.is_none());
        move |_: MouseEvent| {
            if is_read {
                reach.emit((place.clone(), Mark::Done));
            }
        }
    };
    html! {
        <article class="lesson markdown" aria-labelledby="lesson-title">
            if let Some(nth) = nth {
                <p class="where">
                    if !section.is_empty() { {section}{" · "} }
                    {format!("Lesson {} of {}", nth + 1, entries.len())}
                </p>
            }
            <h3 id="lesson-title" tabindex="-1">
                { if lesson.title.is_empty() { "A lesson without a title" } else { lesson.title.as_str() } }
            </h3>
            { parts::parts(view, &lesson.parts) }
            if let Some(exercise) = lesson.exercise.clone() {
                <ExercisePart view={view.clone()} exercise={Rc::new(exercise)} text={AttrValue::from(text.clone())}
                    next={next.map(|(_, entry)| view.place.beside(Some(id_of(&entry.path))))} />
            }
            { parts::parts(view, &lesson.after) }
            if !lesson.problems.is_empty() {
                <details class="lesson-problems">
                    <summary>{"For the author: not all of this lesson can be read"}</summary>
                    <ul>{ for lesson.problems.iter().map(|problem| html! { <li>{problem}</li> }) }</ul>
                </details>
            }
            <nav class="lesson-nav" aria-label="Other lessons">
                { neighbour(view, "Previous", before, "previous-lesson") }
                <span onclick={onnext}>{ neighbour(view, "Next", next, "next-lesson") }</span>
            </nav>
        </article>
    }
}

fn neighbour(view: &View, word: &'static str, entry: Option<(usize, &Entry)>, id: &'static str) -> Html {
    let Some((_, entry)) = entry else { return Html::default() };
    let place = view.place.beside(Some(id_of(&entry.path)));
    let inner = html! { <><span class="word">{word}</span>{" "}<span>{&entry.title}</span></> };
    html! { <span {id} class="neighbour">{ parts::to_lesson(&view.state, &place, inner) }</span> }
}
