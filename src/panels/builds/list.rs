//! The builds of the Dockerfile, each with its stage, what it is given, and a way to ask for it.

use ::builds::HeldBuild;
use dockerfile::stages::StageId;
use protocol::builds::{Build, Language, Pair, Value};
use yew::prelude::*;

use crate::beside::{self, Beside};
use crate::panels::Props;
use crate::panels::copy::CopyButton;
use crate::state::{Action, Snapshot, Thing};

/// More builds than this are shown when somebody asks.
const MAX_SHOWN: usize = 50;

#[component]
pub(super) fn Builds(props: &Props) -> Html {
    let state = &props.state;
    let is_all = use_state(|| false);
    let (Some(held), Some(file)) = (state.held(), state.reading.file()) else { return Html::default() };
    if held.builds.is_empty() {
        return match held.others.is_empty() {
            true => Html::default(),
            false => html! { <p class="hint">{"None of them is of this Dockerfile."}</p> },
        };
    }
    let n_shown = if *is_all { held.builds.len() } else { MAX_SHOWN };
    let more = {
        let is_all = is_all.clone();
        move |_| is_all.set(true)
    };
    html! {
        <>
            <ul class="builds">
                { for held.builds.iter().take(n_shown).map(|it| build(state, it, &file.builds[it.place], file.language)) }
            </ul>
            if held.builds.len() > n_shown {
                <button class="control small" onclick={more}>{format!("Show the other {}", held.builds.len() - n_shown)}</button>
            }
        </>
    }
}

fn build(state: &Snapshot, held: &HeldBuild, build: &Build, language: Option<Language>) -> Html {
    let is_asked = beside::is_asked(held, &state.lens, &state.drawn.asked);
    let take = {
        let (dispatch, place) = (state.dispatcher(), held.place);
        move |_| dispatch.dispatch(Action::TakeOver(place))
    };
    let take_title = if is_asked { "Taken over" } else { "Take over" };
    let command = command(&build.name, language).filter(|_| !held.fails);
    html! {
        <li class={classes!(held.fails.then_some("fails"), is_asked.then_some("asked"))}>
            <div class="head">
                <h3>{&build.name}</h3>
                <span class="to">{ made(state, held, build) }</span>
                if held.stage.is_some() {
                    <button class="control small" onclick={take} aria-pressed={is_asked.to_string()}
                        aria-label={format!("{take_title}: {}", build.name)} title="Shows this build: its target, arguments, platform and contexts">
                        {take_title}
                    </button>
                }
            </div>
            { mend(state, held, build) }
            { given(held, build) }
            if let Some(command) = command.filter(|_| is_asked) {
                <div class="command-line">
                    <code>{&command}</code>
                    <CopyButton text={command.clone()} done="Command copied." label={format!("Copy {command}")} dispatch={state.dispatcher()} />
                </div>
            }
        </li>
    }
}

/// Which stage a build makes, and what that needs.
fn made(state: &Snapshot, held: &HeldBuild, build: &Build) -> Html {
    let Some(stage_id) = held.stage else {
        return match build.target.as_ref() {
            Some(Value { text: Some(text), .. }) => {
                html! { <>{"asks for "}<code>{text}</code>{", which is not there"}</> }
            }
            Some(target) => html! { <>{"builds a stage that is "}{ value(target) }</> },
            None => html! { {"builds a stage that is not known"} },
        };
    };
    let n_others = held.needs.iter().filter(|&&it| it != stage_id).count();
    let others = match n_others {
        0 => String::new(),
        1 => ", with 1 stage before it".to_owned(),
        n => format!(", with {n} stages before it"),
    };
    let unless = build.target.as_ref().map(|target| target.unless.join(" or ")).filter(|it| !it.is_empty());
    html! {
        <>
            {if build.target.is_some() { "builds " } else { "builds the last stage, " }}
            { stage(state, stage_id) }
            {others}
            if let Some(unless) = unless { <span class="unless">{format!(", unless {unless} says otherwise")}</span> }
        </>
    }
}

/// A way to write the stage that may be meant.
fn mend(state: &Snapshot, held: &HeldBuild, build: &Build) -> Html {
    let (Some(name), Some(target)) = (held.suggestion.clone(), build.target.as_ref()) else {
        return Html::default();
    };
    let written = target.text.as_deref().unwrap_or_default();
    let Some(text) = beside::with_word(&state.beside.text, target.at, written, &name) else {
        return Html::default();
    };
    let (dispatch, beside) = (state.dispatcher(), state.beside.clone());
    let onclick = move |_| {
        dispatch.dispatch(Action::Beside(Beside { text: text.clone(), ..Beside::clone(&beside) }));
    };
    html! {
        <p class="mend">
            {"Did you mean "}<code>{&name}</code>{"? "}
            <button class="control small" {onclick} aria-label={format!("Write {name} for {}", build.name)}>{format!("Write {name}")}</button>
        </p>
    }
}

/// A stage, to be looked at.
pub(super) fn stage(state: &Snapshot, stage: StageId) -> Html {
    let name = state.drawn.graph.stages.get(stage.0).map(|stage| stage.display_name()).unwrap_or_default();
    let dispatch = state.dispatcher();
    let onclick = move |_| dispatch.dispatch(Action::Select(Thing::Stage(stage)));
    let is_selected = state.selected == Some(Thing::Stage(stage));
    html! { <button class="stage-link" {onclick} aria-pressed={is_selected.to_string()} title="Show it in the picture">{name}</button> }
}

/// What a build is given.
fn given(held: &HeldBuild, build: &Build) -> Html {
    let mut rows: Vec<(&'static str, Html)> = Vec::new();
    let pairs = |pairs: &[Pair]| {
        html! { <ul>{ for pairs.iter().map(|it| html! { <li><code>{&it.name}</code>{" = "}{ value(&it.value) }</li> }) }</ul> }
    };
    let values = |values: &[Value]| {
        html! { <ul>{ for values.iter().map(|it| html! { <li>{ value(it) }</li> }) }</ul> }
    };
    if !build.args.is_empty() {
        rows.push(("Arguments", pairs(&build.args)));
    }
    if !build.contexts.is_empty() {
        rows.push(("Contexts", pairs(&build.contexts)));
    }
    if !build.platforms.is_empty() {
        rows.push(("Platforms", values(&build.platforms)));
    }
    if !build.tags.is_empty() {
        rows.push(("Image", values(&build.tags)));
    }
    if !build.profiles.is_empty() {
        rows.push(("Profiles", html! { {build.profiles.join(", ")} }));
    }
    if !build.settings.is_empty() {
        rows.push(("Also sets", html! { {build.settings.join(", ")} }));
    }
    if let Some(partial) = &build.partial {
        rows.push(("Note", html! { {format!("There may be more to it: {partial}")} }));
    }
    let is_build = |pair: &Pair| {
        pair.value.text.as_deref().is_some_and(|it| it.starts_with("service:") || it.starts_with("target:"))
    };
    if build.contexts.iter().any(is_build) {
        rows.push((
            "Note",
            html! { {"Taken over, what another build makes stands as an image of its name"} },
        ));
    }
    if held.order.platforms.len() > 1 {
        let first = &held.order.platforms[0];
        rows.push(("Note", html! { {format!("Taken over for {first}, the first of its platforms")} }));
    }
    if rows.is_empty() {
        return Html::default();
    }
    html! { <dl>{ for rows.into_iter().map(|(title, row)| html! { <div><dt>{title}</dt><dd>{row}</dd></div> }) }</dl> }
}

/// A value, or why it is not known.
fn value(value: &Value) -> Html {
    let Some(text) = &value.text else {
        return html! { <span class="unknown">{value.words()}</span> };
    };
    let unless = value.unless.join(" or ");
    html! {
        <>
            if text.is_empty() { <span class="unknown">{"empty"}</span> } else { <code>{text}</code> }
            if !unless.is_empty() { <span class="unless">{format!(" unless {unless} is set")}</span> }
        </>
    }
}

/// The command that makes a build, where its name needs no care.
fn command(name: &str, language: Option<Language>) -> Option<String> {
    let is_plain = name.bytes().all(|it| it.is_ascii_alphanumeric() || b"._-".contains(&it));
    let program = match language? {
        Language::Compose => "docker compose build",
        Language::BakeHcl | Language::BakeJson => "docker buildx bake",
    };
    (is_plain && !name.starts_with('-')).then(|| format!("{program} {name}"))
}
