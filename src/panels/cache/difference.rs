//! What of the build is another one since it was built: text, stages, what ships, the image.

use dockerfile::queries::versions::{Became, Difference, Differs, SettingDifference, StageDifference};
use yew::prelude::*;

use crate::panels::Props;
use crate::panels::diff::diff;
use crate::panels::field::use_field;
use crate::state::{Action, Snapshot, Thing};

/// Longer lists help nobody.
const MAX_SHOWN: usize = 60;

/// The id of the place where the text is that was built.
const BUILT_TEXT: &str = "built-text";

#[component]
pub(super) fn Differences(props: &Props) -> Html {
    let state = &props.state;
    let key = (state.built.clone(), state.drawn.clone(), state.cut.clone(), state.changed.clone());
    let oninput = use_field(BUILT_TEXT, state.built.text.clone(), {
        let dispatch = state.dispatcher();
        move |text| dispatch.dispatch(Action::BuiltFrom(text))
    });
    let found = use_memo(key, |_| state.difference());
    let Some(found) = found.as_ref() else { return Html::default() };
    let is_other_text = state.built.text != state.drawn.text;
    let is_other = is_other_text || !found.is_empty();
    html! {
        <section class="differences" aria-labelledby="differences-title">
            <h2 id="differences-title">{"What is different since it was built"}</h2>
            <details>
                <summary>{"The text that was built; another version can be put here"}</summary>
                <textarea class="control" id={BUILT_TEXT} rows="8" spellcheck="false" aria-label="The Dockerfile that was built" {oninput} />
            </details>
            if is_other_text {
                <details><summary>{"Changed lines"}</summary>{ diff(&state.built.text, &state.drawn.text, "Changed lines") }</details>
            }
            if !is_other {
                <p class="hint">{"Nothing. Edit the Dockerfile, and its stages, paths and image are compared with those from before."}</p>
            } else if found.is_empty() {
                <p class="hint">{"Nothing else: the stages, what they take from each other, and the image are as they were."}</p>
            }
            { image(&found.image) }
            { stages(state, found) }
            { list("What is taken from where", &found.edges) }
            { list("Paths in the image", &found.paths) }
        </section>
    }
}

fn image(rows: &[SettingDifference]) -> Html {
    if rows.is_empty() {
        return Html::default();
    }
    html! {
        <table>
            <thead><tr><th scope="col">{"Image"}</th><th scope="col">{"When it was built"}</th><th scope="col">{"Now"}</th></tr></thead>
            <tbody>
                { for rows.iter().map(|row| html! {
                    <tr><th scope="row">{row.name}</th><td>{&row.before}</td><td>{&row.after}</td></tr>
                }) }
            </tbody>
        </table>
    }
}

fn stages(state: &Snapshot, found: &Difference) -> Html {
    if found.stages.is_empty() {
        return Html::default();
    }
    let name = |stage: &StageDifference| match stage.stage {
        Some(id) => {
            let dispatch = state.dispatcher();
            let onclick = move |_| dispatch.dispatch(Action::Select(Thing::Stage(id)));
            html! { <button class="link" {onclick}>{&stage.name}</button> }
        }
        None => html! { <b>{&stage.name}</b> },
    };
    html! {
        <>
            <h3>{"Stages"}</h3>
            <ul>{ for found.stages.iter().map(|stage| html! { <li>{ name(stage) }{": "}{stage.what.join("; ")}</li> }) }</ul>
        </>
    }
}

fn list(title: &'static str, all: &[Differs]) -> Html {
    if all.is_empty() {
        return Html::default();
    }
    let row = |it: &Differs| {
        let (class, words) = match it.became {
            Became::New => ("new", "new"),
            Became::Gone => ("old", "gone"),
            Became::Other => ("same", "made in another way"),
        };
        html! { <li {class}><span class="tag">{words}</span>{" "}{&it.what}</li> }
    };
    html! {
        <>
            <h3>{title}</h3>
            <ul>{ for all.iter().take(MAX_SHOWN).map(row) }</ul>
            if all.len() > MAX_SHOWN {
                <p class="hint">{format!("and {} more", all.len() - MAX_SHOWN)}</p>
            }
        </>
    }
}
