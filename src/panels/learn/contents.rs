//! The list of lessons: how far one is, and what is found in them.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use protocol::lessons::Entry;
use yew::platform::spawn_local;
use yew::prelude::*;

use super::{View, ViewProps, parts};
use crate::browser::events;
use crate::learning::{Mark, id_of};

/// So many texts are fetched at the same time when somebody searches.
const MAX_AT_ONCE: usize = 4;
/// Characters of what is shown around a word that was found.
const EXCERPT: usize = 100;

#[component]
pub(super) fn Contents(props: &ViewProps) -> Html {
    let view = &props.view;
    let words = use_state(String::new);
    let texts = use_texts(view, !words.trim().is_empty());
    let visits = view.state.learning.visits;
    use_effect_with(visits, |&visits| {
        if visits > 0 {
            events::focus("lesson-title");
        }
    });
    let oninput = {
        let words = words.clone();
        move |event: InputEvent| words.set(events::text(&event))
    };
    let entries = &view.workshop.lessons;
    let n_done = view.marks.iter().filter(|&&mark| mark == Some(Mark::Done)).count();
    let is_begun = view.marks.iter().any(Option::is_some);
    let next = view.marks.iter().position(|&mark| mark != Some(Mark::Done)).filter(|_| is_begun);
    let next = next.and_then(|nth| Some((nth, entries.get(nth)?)));
    html! {
        <div class="contents markdown">
            <h3 id="lesson-title" tabindex="-1">{&view.workshop.title}</h3>
            { parts::text(view, &view.workshop.about) }
            <p class="progress">
                <progress max={entries.len().to_string()} value={n_done.to_string()} aria-hidden="true" />
                <span id="progress">{format!("{n_done} of {} done", entries.len())}</span>
                if let Some((nth, entry)) = next {
                    <span>{"Go on with "}{ to(view, nth, entry) }</span>
                }
            </p>
            <p class="search">
                <input class="control" type="search" id="lesson-search" aria-label="Search the lessons" placeholder="Search the lessons"
                    autocomplete="off" spellcheck="false" {oninput} />
            </p>
            if words.trim().is_empty() {
                { sections(view) }
            } else {
                { found(view, &words, &texts) }
            }
        </div>
    }
}

fn to(view: &View, nth: usize, entry: &Entry) -> Html {
    let place = view.place.beside(Some(id_of(&entry.path)));
    parts::to_lesson(&view.state, &place, html! { {format!("{} {}", nth + 1, entry.title)} })
}

/// The lessons below their headings.
fn sections(view: &View) -> Html {
    let entries: Vec<(usize, &Entry)> = view.workshop.lessons.iter().enumerate().collect();
    let section = |entries: &[(usize, &Entry)]| {
        let title = entries.first().map_or("", |(_, entry)| entry.section.as_str());
        html! {
            <>
                if !title.is_empty() { <h4>{title}</h4> }
                <ul class="lessons">{ for entries.iter().map(|(nth, entry)| html! {
                    <li>
                        { to(view, *nth, entry) }
                        { match view.marks.get(*nth).copied().flatten() {
                            Some(Mark::Done) => html! { <span class="stand done">{"✓ Done"}</span> },
                            Some(Mark::Begun) => html! { <span class="stand">{"Begun"}</span> },
                            None => Html::default(),
                        } }
                    </li>
                }) }</ul>
            </>
        }
    };
    entries.chunk_by(|a, b| a.1.section == b.1.section).map(section).collect()
}

/// What is found: lessons that have all of the words, with the place of the first.
fn found(view: &View, words: &str, texts: &[Option<String>]) -> Html {
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let entries = &view.workshop.lessons;
    let hits: Vec<(usize, &Entry, String)> = entries
        .iter()
        .enumerate()
        .filter_map(|(nth, entry)| {
            let text = texts.get(nth).and_then(Option::as_deref).unwrap_or_default();
            let all = format!("{}\n{text}", entry.title).to_lowercase();
            words.iter().all(|word| all.contains(word)).then(|| (nth, entry, excerpt(text, &words)))
        })
        .collect();
    let told = match (hits.len(), texts.iter().flatten().count() < entries.len()) {
        (_, true) => "Searching…".to_owned(),
        (0, _) => "Nothing found. Search for single words, such as 'scratch' or 'ARG'.".to_owned(),
        (1, _) => "1 lesson".to_owned(),
        (n, _) => format!("{n} lessons"),
    };
    html! {
        <>
            <p class="note" role="status" id="lesson-found">{told}</p>
            <ul class="lessons found">{ for hits.into_iter().map(|(nth, entry, excerpt)| html! {
                <li>{ to(view, nth, entry) }<span class="excerpt">{excerpt}</span></li>
            }) }</ul>
        </>
    }
}

/// The beginning of the first line with one of the words, the words themselves if they stand far behind.
fn excerpt(text: &str, words: &[String]) -> String {
    let has = |line: &&str| words.iter().any(|word| line.to_lowercase().contains(word.as_str()));
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let line = lines.find(has).unwrap_or_default().trim();
    match line.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// The texts of the lessons by their numbers, fetched once somebody searches.
#[hook]
fn use_texts(view: &View, is_wanted: bool) -> Rc<Vec<Option<String>>> {
    let texts = use_mut_ref(|| Rc::new(vec![None; view.workshop.lessons.len()]));
    let update = use_force_update();
    {
        let (texts, place, workshop) = (texts.clone(), view.place.clone(), view.workshop.clone());
        let was_wanted = use_mut_ref(|| false);
        *was_wanted.borrow_mut() |= is_wanted;
        let is_wanted = *was_wanted.borrow();
        use_effect_with(is_wanted, move |&is_wanted| {
            let is_mounted = Rc::new(Cell::new(true));
            let entries = if is_wanted { workshop.lessons.as_slice() } else { &[] };
            let paths = entries.iter().map(|entry| entry.path.clone()).enumerate();
            let queue = Rc::new(RefCell::new(paths.collect::<VecDeque<_>>()));
            for _ in 0..MAX_AT_ONCE {
                let (texts, place, queue) = (texts.clone(), place.clone(), queue.clone());
                let (update, mounted) = (update.clone(), is_mounted.clone());
                spawn_local(async move {
                    loop {
                        let next = queue.borrow_mut().pop_front();
                        let Some((nth, path)) = next.filter(|_| mounted.get()) else { return };
                        // One that is not to be had is found by its title.
                        let text = super::text(&place, &path).await.unwrap_or_default();
                        if let Some(place) = Rc::make_mut(&mut texts.borrow_mut()).get_mut(nth) {
                            *place = Some(text);
                        }
                        update.force_update();
                    }
                });
            }
            move || is_mounted.set(false)
        });
    }
    let texts = texts.borrow();
    texts.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_of_the_line_with_the_word() {
        let words = ["arg".to_owned()];
        assert_eq!(excerpt("# ARG\n\nOne.\nAn ARG is it.\n", &words), "An ARG is it.");
        let long = format!("ARG {}", "é".repeat(200));
        assert_eq!(excerpt(&long, &words).chars().count(), EXCERPT + 1);
        assert_eq!(excerpt("nothing", &words), "");
    }
}
