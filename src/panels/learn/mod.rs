//! Lessons beside the editor: the list of them, or the one that is open.
//!
//! Texts are fetched when they are shown, and a module of its own reads them, so that who never opens a lesson pays
//! nothing. A lesson may be by anybody: it becomes elements with texts in them, and never HTML.

mod answer;
mod contents;
mod exercise;
mod lesson;
mod parts;

use std::cell::RefCell;
use std::rc::Rc;

use protocol::lessons::{Lesson, Workshop};
use yew::prelude::*;

use super::Props;
use crate::browser::{events, fetch, lessons, progress};
use crate::learning::{FRONT_PAGE, Learning, Mark, Place, id_of, path_of};
use crate::opening;
use crate::state::{Action, Snapshot};
use answer::{Answer, use_answer};

/// A lesson, with its text.
#[derive(Clone, Debug, PartialEq)]
struct Read {
    text: String,
    lesson: Lesson,
}

/// How far somebody is with the lessons of a folder, in their order.
type Marks = Vec<Option<Mark>>;

/// What the parts of the pane share.
#[derive(Clone, PartialEq)]
struct View {
    state: Snapshot,
    place: Place,
    workshop: Rc<Workshop>,
    marks: Rc<Marks>,
    /// Keeps how far a lesson is.
    reach: Callback<(Place, Mark)>,
    /// What was put into the editor last: it need not be kept.
    put: Rc<RefCell<Option<String>>>,
}

#[derive(Properties, PartialEq)]
struct ViewProps {
    view: View,
}

#[component]
pub(crate) fn Learn(props: &Props) -> Html {
    let was_open = use_mut_ref(|| false);
    *was_open.borrow_mut() |= props.state.learning.is_open;
    // Closed, it stays as it is for when it is opened again; never opened, it asks for nothing.
    let was_open = *was_open.borrow();
    if was_open {
        html! { <Lessons state={props.state.clone()} /> }
    } else {
        Html::default()
    }
}

#[component]
fn Lessons(props: &Props) -> Html {
    let state = &props.state;
    let Learning { is_open, place, .. } = state.learning.clone();
    let attempt = use_state(|| 0_usize);
    let put = use_mut_ref(|| None);
    let front = use_answer((place.workshop.clone(), *attempt), |(workshop, _)| {
        front_page(Place { workshop, id: None })
    });
    let (marks, reach) = use_progress(&place, &front);
    let workshop = front.as_ref().and_then(|front| front.as_ref().ok()).cloned();
    let read =
        use_answer((place.clone(), workshop.clone(), *attempt), |(place, workshop, _)| read(place, workshop));
    let again = {
        let attempt = attempt.clone();
        move |_: MouseEvent| attempt.set(*attempt + 1)
    };
    let list = place.beside(None);
    let body = match (front, read) {
        (Some(Err(why)), _) | (_, Some(Err(why))) => html! {
            <div class="lesson-trouble" role="alert">
                <p>{why}</p>
                <p class="actions">
                    <button class="control" id="lesson-again" onclick={again}>{"Try again"}</button>
                    if place.id.is_some() { { parts::to_lesson(state, &list, html! { {"All lessons"} }) } }
                    if place.workshop.is_some() {
                        { parts::to_lesson(state, &Place::default(), html! { {"The course of Stagelight"} }) }
                    }
                </p>
            </div>
        },
        (Some(Ok(workshop)), Some(Ok(read))) => {
            let view = View { state: state.clone(), place: place.clone(), workshop, marks, reach, put };
            match read.as_ref() {
                Some(_) => html! { <lesson::Page {view} read={read.clone()} /> },
                None => html! { <contents::Contents {view} /> },
            }
        }
        (_, _) => html! { <p class="note lesson-waits" role="status">{"Loading…"}</p> },
    };
    let close = {
        let dispatch = state.dispatcher();
        move |_: MouseEvent| {
            dispatch.dispatch(Action::CloseLessons);
            events::focus("learn");
        }
    };
    html! {
        <section class="pane lesson-pane" id="pane-lesson" aria-label="Lessons" hidden={!is_open}>
            <div class="pane-head">
                <h2>{"Lessons"}</h2>
                if place.id.is_some() {
                    <span class="to-list">{ parts::to_lesson(state, &list, html! { {"All lessons"} }) }</span>
                }
                <button class="control square" id="lesson-close" onclick={close} aria-label="Close the lessons" title="Close the lessons">{"✕"}</button>
            </div>
            // Another lesson begins at its top.
            <div class="lesson-body" key={place.query()}>
                if let Some(host) = place.host() {
                    <p class="whose">{"From "}<b>{host.to_owned()}</b>{". What stands here is by its author."}</p>
                }
                {body}
            </div>
        </section>
    }
}

/// What to do where a workshop cannot be read.
const ADVICE: &str =
    "A workshop has to lie where other pages may read it, as the files of a public repository do.";

/// The text of a file beside the lessons.
async fn text(place: &Place, path: &str) -> Result<String, String> {
    let text = fetch::text(&place.file(path)?, ADVICE).await;
    match (text, &place.workshop) {
        (Ok(text), _) if opening::is_page(&text) => Err(
            "There is a page at this address, and no lesson. Take the address of the folder with the files."
                .to_owned(),
        ),
        (Ok(text), _) => Ok(text),
        (Err(_), None) => {
            Err("The lessons could not be loaded. Look at the connection, and try again.".to_owned())
        }
        (Err(why), Some(_)) => Err(why),
    }
}

async fn front_page(place: Place) -> Result<Workshop, String> {
    let workshop = lessons::workshop(&text(&place, FRONT_PAGE).await?).await?;
    match workshop.lessons.is_empty() {
        true => Err(format!("The {FRONT_PAGE} there lists no lessons, so there is no workshop to open.")),
        false => Ok(workshop),
    }
}

/// The lesson at a place, if it is not that of the list.
async fn read(place: Place, workshop: Option<Rc<Workshop>>) -> Result<Option<Read>, String> {
    let (Some(id), Some(workshop)) = (place.id.as_deref(), workshop) else { return Ok(None) };
    let path = path_of(id);
    // Nothing is fetched but what the front page lists.
    if workshop.lessons.iter().all(|entry| entry.path != path) {
        return Err(format!("There is no lesson '{id}' here."));
    }
    let text = text(&place, &path).await?;
    let lesson = lessons::lesson(&text).await?;
    Ok(Some(Read { text, lesson }))
}

/// How far somebody is, also by what other tabs keep, and what keeps more of it.
#[hook]
fn use_progress(place: &Place, front: &Option<Answer<Workshop>>) -> (Rc<Marks>, Callback<(Place, Mark)>) {
    let marks = use_state(Rc::<Marks>::default);
    // Counts what has been kept, here or elsewhere: then all is read again.
    let news = use_state(|| 0_usize);
    let count = use_mut_ref(|| 0_usize);
    let tell = {
        let news = news.clone();
        move || {
            *count.borrow_mut() += 1;
            news.set(*count.borrow());
        }
    };
    {
        let tell = tell.clone();
        use_effect_with((), move |()| {
            let listener = progress::on_change(tell);
            move || drop(listener)
        });
    }
    {
        let (marks, list) = (marks.clone(), place.beside(None));
        let workshop = front.as_ref().and_then(|front| front.as_ref().ok()).cloned();
        use_effect_with((list, workshop, *news), move |(list, workshop, _)| {
            let entries = workshop.as_ref().map_or(&[][..], |workshop| workshop.lessons.as_slice());
            let mark = |id: &str| progress::of(&list.beside(Some(id)));
            marks.set(Rc::new(entries.iter().map(|entry| mark(id_of(&entry.path))).collect()));
        });
    }
    let reach = Callback::from(move |(place, mark): (Place, Mark)| {
        progress::reach(&place, mark);
        tell();
    });
    ((*marks).clone(), reach)
}
