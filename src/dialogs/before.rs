//! What was worked on before, as this browser keeps it, and a place to give what there is a name.

use protocol::{Playground, link};
use yew::prelude::*;

use super::{ID, Modal};
use crate::browser::history::{self, Entry};
use crate::browser::{dialog, events};
use crate::panels::Props;
use crate::state::{Action, Notice, Panel, Snapshot};

#[component]
pub(super) fn Before(props: &Props) -> Html {
    let state = &props.state;
    let name = use_state(String::new);
    let update = use_force_update();
    let all = use_mut_ref(|| None::<(u64, Vec<Entry>)>);
    {
        let (all, update) = (all.clone(), update.clone());
        use_effect_with((), move |()| {
            *all.borrow_mut() = Some((history::now(), history::all()));
            update.force_update();
        });
    }
    let read_again = {
        let all = all.clone();
        Callback::from(move |()| {
            *all.borrow_mut() = Some((history::now(), history::all()));
            update.force_update();
        })
    };
    let save = {
        let (state, name, read_again) = (state.clone(), name.clone(), read_again.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            let title = name.trim();
            if title.is_empty() {
                return;
            }
            if history::save(title.to_owned(), link::encode(&state.playground())) {
                name.set(String::new());
                read_again.emit(());
            } else {
                let text = "This browser keeps nothing for this page: its storage is full or forbidden. Save a file instead, under “Share”.";
                state.dispatch(Action::Tell(Notice { text: text.to_owned(), is_error: true }));
                dialog::close(ID);
            }
        }
    };
    let oninput = {
        let name = name.clone();
        move |event: InputEvent| name.set(events::text(&event))
    };
    let all = all.borrow();
    let (now, all) = all.as_ref().map_or((0, &[][..]), |(now, all)| (*now, all.as_slice()));
    let (named, drafts): (Vec<_>, Vec<_>) = all.iter().partition(|it| it.kept.name.is_some());
    let list = |entries: Vec<&Entry>| {
        html! {
            <ul class="kept">{ for entries.into_iter().map(|it| row(state, it, now, &read_again)) }</ul>
        }
    };
    html! {
        <Modal title="What you worked on" dispatch={state.dispatcher()}>
            <p class="lead">{"This browser keeps it, and nobody else. What you type is kept by itself, a draft for each time the page was opened."}</p>
            <section>
                <h3>{"Kept under a name"}</h3>
                <form class="copied" onsubmit={save}>
                    <input class="control" id="snapshot-name" aria-label="Name" placeholder="a name for what you see now" autocomplete="off" maxlength="80" value={(*name).clone()} {oninput} />
                    <button class="control" id="snapshot-save" disabled={name.trim().is_empty()}>{"Keep"}</button>
                </form>
                { list(named) }
            </section>
            <section>
                <h3>{"Drafts"}</h3>
                if drafts.is_empty() {
                    <p class="note">{"None yet. The first is made when you change something."}</p>
                } else {
                    { list(drafts) }
                }
            </section>
        </Modal>
    }
}

fn row(state: &Snapshot, entry: &Entry, now: u64, read_again: &Callback<()>) -> Html {
    let Entry { key, kept, is_own } = entry;
    let Some(Ok(playground)) = link::decode(&kept.fragment) else { return Html::default() };
    let title = kept.name.clone().unwrap_or_else(|| summary(&playground));
    let when = ago(now.saturating_sub(kept.time));
    let open = {
        let (dispatch, playground) = (state.dispatcher(), playground.clone());
        move |_| {
            dispatch.dispatch(Action::Open(Box::new(playground.clone())));
            dialog::close(ID);
        }
    };
    let compare = {
        let (dispatch, text) = (state.dispatcher(), playground.dockerfile.clone());
        move |_| {
            dispatch.dispatch(Action::BuiltFrom(text.clone()));
            dispatch.dispatch(Action::ShowPanel(Some(Panel::Cache)));
            dialog::close(ID);
        }
    };
    let delete = {
        let (key, read_again) = (key.clone(), read_again.clone());
        move |_| {
            history::delete(&key);
            read_again.emit(());
        }
    };
    let n_lines = playground.dockerfile.lines().count();
    html! {
        <li key={key.clone()}>
            <button class="link" onclick={open}>{&title}</button>
            <span class="note">
                {format!("{when}, {n_lines} {}", if n_lines == 1 { "line" } else { "lines" })}
                if *is_own { {", this page"} }
            </span>
            <button class="control small" onclick={compare} aria-label={format!("Compare with {title}, {when}")}>{"Compare"}</button>
            <button class="control small" onclick={delete} aria-label={format!("Delete {title}, {when}")}>{"Delete"}</button>
        </li>
    }
}

/// A text in a few words: what it starts from.
fn summary(playground: &Playground) -> String {
    let lines = playground.dockerfile.lines().map(str::trim);
    let is_from = |line: &&str| line.get(..5).is_some_and(|it| it.eq_ignore_ascii_case("from "));
    let froms: Vec<&str> = lines.filter(is_from).collect();
    let short = |line: &str| -> String { line.chars().take(48).collect() };
    match froms.as_slice() {
        [] => "A text without a stage".to_owned(),
        [only] => short(only),
        [first, rest @ ..] => format!("{} and {} more", short(first), rest.len()),
    }
}

/// How long ago, in words; in milliseconds.
pub(crate) fn ago(milliseconds: u64) -> String {
    let counted = |n: u64, unit: &str| format!("{n} {unit}{} ago", if n == 1 { "" } else { "s" });
    match milliseconds / 60_000 {
        0 => "just now".to_owned(),
        minutes @ 1..60 => counted(minutes, "minute"),
        minutes @ 60..1_440 => counted(minutes / 60, "hour"),
        minutes => counted(minutes / 1_440, "day"),
    }
}
