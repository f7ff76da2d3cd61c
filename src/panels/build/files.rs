//! The files that go with a build: what is in them is written here, and goes to the server alone when somebody builds.

use std::collections::BTreeMap;

use yew::prelude::*;

use crate::asked::Asked;
use crate::browser::{events, files as browser_files};
use crate::building::{self, SentFile};
use crate::panels::Props;
use crate::state::{Action, Snapshot};

/// More files are built with, but not listed.
const MAX_SHOWN: usize = 100;

#[component]
pub(super) fn Files(props: &Props) -> Html {
    let state = &props.state;
    let open = use_state(|| None::<String>);
    let name = use_state(String::new);
    let files = use_memo((state.drawn.clone(), state.cut.clone()), {
        let state = state.clone();
        move |_| building::files(&state)
    });
    // As somebody leaves it, it stays.
    let is_open_first = {
        let is_wanted = state.building.run.is_none() && files.iter().any(|file| file.text.is_none());
        use_memo((), move |()| is_wanted)
    };
    let n_empty = files.iter().filter(|file| file.text.is_none()).count();
    let take = {
        let state = state.clone();
        move |event: Event| {
            let state = state.clone();
            browser_files::chosen(&event, move |all| {
                put(&state, |texts| {
                    texts.extend(all.into_iter().filter_map(|(name, text)| Some((name, text?))));
                });
            });
        }
    };
    let add = {
        let (state, name, open) = (state.clone(), name.clone(), open.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            let path = name.trim().trim_start_matches("./").to_owned();
            if !path.is_empty() {
                put(&state, |texts| {
                    texts.entry(path.clone()).or_default();
                });
                open.set(Some(path));
                name.set(String::new());
            }
        }
    };
    let typed = {
        let name = name.clone();
        move |event: InputEvent| name.set(events::text(&event))
    };
    let row = |file: &SentFile| {
        let is_open = open.as_deref() == Some(file.path.as_str());
        let toggle = {
            let (open, path) = (open.clone(), file.path.clone());
            move |_| open.set((!is_open).then(|| path.clone()))
        };
        let what = match &file.text {
            Some(text) => lines_word(text),
            None => "empty: nobody has told what is in it".to_owned(),
        };
        let id = format!("file-text-{}", file.path.replace(|it: char| !it.is_ascii_alphanumeric(), "-"));
        html! {
            <li class={classes!("sent-file", file.text.is_none().then_some("is-empty"))}>
                <button class="control small" onclick={toggle} aria-expanded={is_open.to_string()}>{&file.path}</button>
                <span class="note">{what}</span>
                if is_open { <Text state={state.clone()} {id} path={file.path.clone()} text={file.text.clone().unwrap_or_default()} /> }
            </li>
        }
    };
    let title = match files.len() {
        0 => "No files go with the build".to_owned(),
        1 => "1 file goes with the build".to_owned(),
        n => format!("{n} files go with the build"),
    };
    html! {
        <details class="build-files" open={*is_open_first}>
            <summary>{title}{ match n_empty {
                0 => String::new(),
                n if n == files.len() => ", with nothing in them".to_owned(),
                1 => ", 1 of them with nothing in it".to_owned(),
                n => format!(", {n} of them with nothing in them"),
            } }</summary>
            <p class="hint">{"A real build reads them. Write what is in them, or choose files; they are kept in the link, and go to the server only when you build."}</p>
            <ul>{ for files.iter().take(MAX_SHOWN).map(row) }</ul>
            if files.len() > MAX_SHOWN { <p class="hint">{format!("And {} more.", files.len() - MAX_SHOWN)}</p> }
            <form class="offers" onsubmit={add}>
                <input class="control small" placeholder="src/main.go" aria-label="Path of another file" value={(*name).clone()} oninput={typed} spellcheck="false" autocomplete="off" />
                <button class="control small">{"Add a file"}</button>
                <label class="control small file">{"Choose files"}<input class="visually-hidden" type="file" multiple={true} onchange={take} /></label>
            </form>
        </details>
    }
}

fn lines_word(text: &str) -> String {
    match text.lines().count() {
        0 => "empty".to_owned(),
        1 => "1 line".to_owned(),
        n => format!("{n} lines"),
    }
}

/// Changes what is in files. One that is not listed yet is from now on.
fn put(state: &Snapshot, with: impl FnOnce(&mut BTreeMap<String, String>)) {
    let mut asked = Asked::clone(&state.drawn.asked);
    with(&mut asked.texts);
    asked.list_texts();
    state.dispatch(Action::Ask(asked));
}

#[derive(Properties, PartialEq)]
struct TextProps {
    state: Snapshot,
    id: AttrValue,
    path: String,
    text: String,
}

#[component]
fn Text(props: &TextProps) -> Html {
    let TextProps { state, id, path, text } = props;
    let oninput = crate::panels::field::use_field(id.clone(), text.clone(), {
        let (state, path) = (state.clone(), path.clone());
        move |text| put(&state, |texts| drop(texts.insert(path.clone(), text)))
    });
    let remove = {
        let (state, path) = (state.clone(), path.clone());
        move |_| put(&state, |texts| drop(texts.remove(&path)))
    };
    html! {
        <div class="sent-text">
            <textarea id={id.clone()} rows="8" spellcheck="false" aria-label={format!("What is in {path}")} {oninput} />
            <button class="control small" onclick={remove}>{"Forget what is in it"}</button>
        </div>
    }
}
