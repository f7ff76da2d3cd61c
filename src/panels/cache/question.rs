//! What has changed: what one picks, and what one has done to the text.

use dockerfile::queries::cache::{Changes, Outputs, What};
use dockerfile::queries::plan::Outside;
use dockerfile::stages::image_ref;
use yew::prelude::*;

use crate::browser::events;
use crate::changed::{self, Changed, WHATS, words_of};
use crate::panels::Props;
use crate::state::{Action, Snapshot};

/// So many names of files are offered while one is typed.
const MAX_OFFERED: usize = 500;

/// A change that can be picked with one click.
struct Offer {
    title: String,
    changes: Changes,
}

#[component]
pub(super) fn Question(props: &Props) -> Html {
    let state = &props.state;
    let offers = use_memo((state.drawn.clone(), state.cut.clone()), |(drawn, cut)| {
        let cut = Result::as_ref(cut).ok()?;
        let days = drawn.day_of_a_developer(cut).into_iter();
        // Base images have offers of their own, by their names.
        let edits = days.filter(|edit| edit.changes.images.is_empty());
        let edits = edits.map(|edit| Offer { title: edit.title, changes: edit.changes });
        Some(edits.chain(drawn.outside(cut).iter().filter_map(offer)).collect::<Vec<_>>())
    });
    let offers: &[Offer] = Option::as_deref(&offers).unwrap_or_default();
    html! {
        <section class="question" aria-labelledby="question-title">
            <h2 id="question-title" class="visually-hidden">{"What has changed"}</h2>
            { text_changed(state) }
            <div class="offers">{ for offers.iter().map(|offer| offer_button(state, offer)) }</div>
            <FileForm state={state.clone()} />
            { files(state, offers) }
            <div class="assumed">
                { outputs(state) }
                { built_target(state) }
                { dockerfile_place(state) }
            </div>
        </section>
    }
}

/// What can be another thing under the same name.
fn offer(outside: &Outside) -> Option<Offer> {
    match outside {
        Outside::Image { reference, .. } => {
            let name = image_ref::parse(reference).map_or_else(|_| reference.clone(), |it| it.familiar());
            let images = vec![changed::moved(reference.clone())];
            Some(Offer { title: format!("Newer {name}"), changes: Changes { images, ..Changes::default() } })
        }
        Outside::Remote(url) => {
            let name = url.rsplit('/').find(|part| !part.is_empty()).unwrap_or(url);
            let remotes = vec![url.clone()];
            Some(Offer { title: format!("Newer {name}"), changes: Changes { remotes, ..Changes::default() } })
        }
        Outside::Context | Outside::Directory(_) | Outside::Layout(_) => None,
    }
}

fn offer_button(state: &Snapshot, offer: &Offer) -> Html {
    let is_on = state.changed.has(&offer.changes);
    let (dispatch, changed, changes) = (state.dispatcher(), state.changed.clone(), offer.changes.clone());
    let onclick = move |_| {
        let changed = if is_on { changed.without(&changes) } else { changed.with(&changes) };
        dispatch.dispatch(Action::Change(changed));
    };
    html! { <button class="control" {onclick} aria-pressed={is_on.to_string()}>{&offer.title}</button> }
}

/// What one has done to the text and the arguments since it was built.
fn text_changed(state: &Snapshot) -> Html {
    if state.is_as_built() {
        return Html::default();
    }
    let is_other_text = state.built.text != state.analysis.text;
    let what = match (is_other_text, state.built.asked != state.analysis.asked) {
        (true, true) => "The text and what the build is given are not as they were",
        (true, false) => "The text is not as it was",
        (false, _) => "What the build is given is not as it was",
    };
    let dispatch = state.dispatcher();
    let onclick = move |_| dispatch.dispatch(Action::Built);
    html! {
        <p class="text-changed">
            {what}{" when it was built. "}
            <button class="control" id="built" {onclick} title="The cache then holds the steps of the file as it is now">
                {"It has been built since"}
            </button>
        </p>
    }
}

/// A place to name a file that has changed.
#[component]
fn FileForm(props: &Props) -> Html {
    let state = &props.state;
    let path = use_state(String::new);
    let what = use_state(|| What::Content);
    let oninput = {
        let path = path.clone();
        move |event: InputEvent| path.set(events::text(&event))
    };
    let onchange = {
        let what = what.clone();
        move |event: Event| what.set(changed::what_of_id(&events::selected(&event)).unwrap_or(What::Content))
    };
    let onsubmit = {
        let (state, path, what) = (state.clone(), path.clone(), *what);
        move |event: SubmitEvent| {
            event.prevent_default();
            let name = path.trim().trim_start_matches("./").trim_matches('/').to_owned();
            if !name.is_empty() {
                path.set(String::new());
                state.dispatch(Action::Change(state.changed.with(&changed::file(name, what))));
            }
        }
    };
    let files = state.drawn.asked.context.as_ref().and_then(|context| context.files.as_ref());
    let names = files.into_iter().flatten().take(MAX_OFFERED).map(|file| file.path.clone());
    html! {
        <form class="named" {onsubmit}>
            <input class="control" id="changed-file" list="changed-files" aria-label="A file of the build context"
                placeholder="another file" spellcheck="false" autocomplete="off" value={(*path).clone()} {oninput} />
            <select class="control" {onchange} aria-label="What has happened to it">
                { for WHATS.into_iter().map(|(it, id, words)| html! {
                    <option value={id} selected={it == *what}>{words}</option>
                }) }
            </select>
            <button class="control">{"Add"}</button>
            <datalist id="changed-files">{ for names.map(|name| html! { <option value={name} /> }) }</datalist>
        </form>
    }
}

/// The files that have changed, but for those that an offer stands for.
fn files(state: &Snapshot, offers: &[Offer]) -> Html {
    let is_offered = |changes: &Changes| offers.iter().any(|offer| offer.changes == *changes);
    let each = state
        .changed
        .changes
        .files
        .iter()
        .map(|file| Changes { files: vec![file.clone()], ..Changes::default() });
    let rows: Vec<Html> = each
        .filter(|changes| !is_offered(changes))
        .map(|changes| {
            let file = &changes.files[0];
            let label = format!("Take out: {}", file.path);
            let words = words_of(file.what);
            let path = file.path.clone();
            let (dispatch, changed) = (state.dispatcher(), state.changed.clone());
            let onclick = move |_| dispatch.dispatch(Action::Change(changed.without(&changes)));
            html! {
                <li><code>{path}</code>{format!(" {words} ")}<button class="link" {onclick} aria-label={label}>{"Take out"}</button></li>
            }
        })
        .collect();
    if rows.is_empty() {
        Html::default()
    } else {
        html! { <ul class="unread">{ for rows }</ul> }
    }
}

/// Whether the edited Dockerfile is itself a file that a COPY takes.
fn dockerfile_place(state: &Snapshot) -> Html {
    if !state.dockerfile_changes_context() {
        return Html::default();
    }
    let is_outside = state.changed.dockerfile_outside;
    let (dispatch, changed) = (state.dispatcher(), state.changed.clone());
    let onchange = move |_| {
        let changed = Changed { dockerfile_outside: !is_outside, ..Changed::clone(&changed) };
        dispatch.dispatch(Action::Change(changed));
    };
    html! {
        <label class="check" title="docker build takes the file named Dockerfile from the context; there, COPY . . copies it too, unless .dockerignore leaves it out">
            <input type="checkbox" id="dockerfile-inside" checked={!is_outside} {onchange} />
            {"The Dockerfile lies in the build context"}
        </label>
    }
}

/// Which target was built before: with another one, some steps were never made.
fn built_target(state: &Snapshot) -> Html {
    let names = state.built.targets();
    if names.len() < 2 {
        return Html::default();
    }
    let chosen = state.changed.built_target.clone();
    let onchange = {
        let (dispatch, changed) = (state.dispatcher(), state.changed.clone());
        move |event: Event| {
            let built_target = Some(events::selected(&event)).filter(|name| !name.is_empty());
            dispatch.dispatch(Action::Change(Changed { built_target, ..Changed::clone(&changed) }));
        }
    };
    html! {
        <label class="field">
            <span>{"Built before"}</span>
            <select class="control" id="built-target" {onchange}>
                <option value="" selected={chosen.is_none()}>{"the same target"}</option>
                { for names.iter().map(|name| html! {
                    <option value={(*name).to_owned()} selected={chosen.as_deref() == Some(*name)}>{*name}</option>
                }) }
            </select>
        </label>
    }
}

/// What nobody can know from the text: whether a RUN that runs again writes what it wrote.
fn outputs(state: &Snapshot) -> Html {
    let button = |outputs: Outputs, label: &'static str| {
        let (dispatch, changed) = (state.dispatcher(), state.changed.clone());
        let onclick =
            move |_| dispatch.dispatch(Action::Change(Changed { outputs, ..Changed::clone(&changed) }));
        html! {
            <button class="control" {onclick} aria-pressed={(state.changed.outputs == outputs).to_string()}>{label}</button>
        }
    };
    html! {
        <div class="outputs" title="What a RUN writes is not in the text, so both cases can be looked at">
            <span id="outputs-title">{"A RUN that runs again writes"}</span>
            <div class="switch" role="group" aria-labelledby="outputs-title">
                { button(Outputs::Changed, "something else") }
                { button(Outputs::Same, "the same bytes") }
            </div>
        </div>
    }
}
