//! The file itself: its text, its language, and what its variables are.

use protocol::builds::{Language, Level, Variable};
use yew::prelude::*;

use crate::beside::Beside;
use crate::browser::events;
use crate::panels::Props;
use crate::panels::field::{Field, use_field};
use crate::state::{Action, Snapshot};

/// The id of the place where it is written.
pub(super) const AREA: &str = "builds-file";
/// The value that stands for finding the language out.
const AUTO: &str = "auto";
/// Beyond these no line has a number.
const MAX_NUMBERS: usize = 2000;

#[component]
pub(super) fn File(props: &Props) -> Html {
    let state = &props.state;
    let written = state.beside.text.clone();
    let oninput = use_field(AREA, written.clone(), {
        let state = state.clone();
        move |text| change(&state, |beside| beside.text = text)
    });
    let n_lines = written.split('\n').count().max(6);
    let problems = state.held().map_or(&[][..], |held| held.problems.as_slice());
    let number = |line: usize| {
        let here = problems.iter().filter(|problem| problem.at.line as usize == line);
        let is_bad = !state.beside.is_empty() && here.clone().any(|problem| problem.level == Level::Error);
        match is_bad {
            true => html! { <span class="bad">{format!("{line} ✕")}</span> },
            false => html! { <span>{line}</span> },
        }
    };
    html! {
        <>
            <div class="context-head">
                <h2 id="builds-file-title">{"Compose or Bake file"}</h2>
                <div class="context-tools">
                    { languages(state) }
                    if !state.beside.is_empty() {
                        <button class="control small" id="builds-clear" onclick={{
                            let state = state.clone();
                            move |_| change(&state, |beside| *beside = Beside::default())
                        }}>{"Take it out"}</button>
                    }
                </div>
            </div>
            <div class="ignore-editor">
                <div class="gutter" aria-hidden="true">{ for (1..=n_lines.min(MAX_NUMBERS)).map(number) }</div>
                <textarea id={AREA} aria-labelledby="builds-file-title" rows={n_lines.to_string()} spellcheck="false"
                    autocomplete="off" autocapitalize="off" wrap="off"
                    placeholder={"services:\n  web:\n    build:\n      context: .\n      target: production"} {oninput} />
            </div>
            { variables(state) }
        </>
    }
}

/// Changes the file.
fn change(state: &Snapshot, with: impl FnOnce(&mut Beside)) {
    let mut beside = Beside::clone(&state.beside);
    with(&mut beside);
    state.dispatch(Action::Beside(beside));
}

fn languages(state: &Snapshot) -> Html {
    let found = state.reading.file().and_then(|file| file.language);
    let onchange = {
        let state = state.clone();
        move |event: Event| {
            let language = Language::of_id(&events::selected(&event));
            change(&state, |beside| beside.language = language);
        }
    };
    let found = match found.filter(|_| state.beside.language.is_none()) {
        Some(language) => format!("Found: {}", title(language)),
        None => "Recognise it".to_owned(),
    };
    html! {
        <select class="control small" id="builds-language" aria-label="Language of the file" {onchange}>
            <option value={AUTO} selected={state.beside.language.is_none()}>{found}</option>
            { for Language::ALL.into_iter().map(|it| html! {
                <option value={it.id()} selected={state.beside.language == Some(it)}>{title(it)}</option>
            }) }
        </select>
    }
}

fn title(language: Language) -> &'static str {
    match language {
        Language::Compose => "Compose",
        Language::BakeHcl => "Bake, HCL",
        Language::BakeJson => "Bake, JSON",
    }
}

/// What only the environment knows can be told here.
fn variables(state: &Snapshot) -> Html {
    let Some(file) = state.reading.file().filter(|file| !file.variables.is_empty()) else {
        return Html::default();
    };
    let row = |variable: &Variable| {
        let name = variable.name.clone();
        let given = state.beside.variables.get(&name);
        let change_to = {
            let (state, name) = (state.clone(), name.clone());
            move |text: String| change(&state, |beside| drop(beside.variables.insert(name.clone(), text)))
        };
        let forget = {
            let (state, name) = (state.clone(), name.clone());
            move |_| change(&state, |beside| drop(beside.variables.remove(&name)))
        };
        let placeholder = match (&variable.default, given) {
            (_, Some(_)) => "empty".to_owned(),
            (Some(default), None) if default.is_empty() => "empty, if nothing is told".to_owned(),
            (Some(default), None) => default.clone(),
            (None, None) => "not known".to_owned(),
        };
        html! {
            <tr key={name.clone()}>
                <th scope="row"><label for={format!("env-{name}")}><code>{&name}</code></label></th>
                <td><div class="value">
                    <Field id={format!("env-{name}")} value={given.cloned().unwrap_or_default()} {placeholder} change={change_to} />
                    if given.is_some() {
                        <button class="link" onclick={forget} aria-label={format!("Forget: {name}")}>{"Forget"}</button>
                    }
                </div></td>
            </tr>
        }
    };
    html! {
        <>
            <h3 id="builds-variables">{"What the environment says"}</h3>
            <table class="settings given" aria-labelledby="builds-variables">
                <tbody>{ for file.variables.iter().map(row) }</tbody>
            </table>
        </>
    }
}
