//! What a build of the target can be given, and is: arguments, platforms, named contexts. Everything else on the page
//! is of the build that is asked for here.

use std::collections::BTreeMap;
use std::rc::Rc;

use dockerfile::queries::{Outline, OutlineArg, OutlineSecret};
use dockerfile::stages::platform;
use yew::prelude::*;

use super::Props;
use super::field::Field;
use crate::asked::Asked;
use crate::browser::events;
use crate::state::{Action, Snapshot};

/// Platforms that images are commonly made for.
const PLATFORMS: [&str; 8] = [
    "linux/amd64",
    "linux/arm64",
    "linux/arm/v7",
    "linux/arm/v6",
    "linux/386",
    "linux/ppc64le",
    "linux/riscv64",
    "linux/s390x",
];

/// Values that no file names but every build takes (`dockerfile2llb`, `proxyEnv`).
const PROXIES: [&str; 5] = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"];

/// What the target can be given.
struct Offers {
    outline: Outline,
    /// Values of its arguments in a build that is given none.
    defaults: BTreeMap<String, String>,
}

impl Offers {
    fn of(state: &Snapshot) -> Option<Offers> {
        let outline = state.drawn.outline(state.target_cut()?);
        let asked = Asked { args: BTreeMap::new(), ..Asked::clone(&state.drawn.asked) };
        let target = state.lens.target.as_deref();
        // Arguments may choose another base, which has other arguments.
        let defaults = match state.drawn.asked.args.is_empty() {
            true => values(&outline),
            false => {
                let plain = state.drawn.again(Rc::new(asked), target);
                plain.cut(target).map(|cut| values(&plain.outline(&cut))).unwrap_or_default()
            }
        };
        Some(Offers { outline, defaults })
    }

    /// What is given though nothing of the target takes it.
    fn unread<'a>(&self, asked: &'a Asked) -> Vec<(&'a String, &'a String)> {
        let is_read = |name: &String| {
            self.outline.args.iter().any(|arg| arg.name == *name)
                || PROXIES.contains(&name.to_ascii_uppercase().as_str())
        };
        asked.args.iter().filter(|(name, _)| !is_read(name)).collect()
    }
}

fn values(outline: &Outline) -> BTreeMap<String, String> {
    outline.args.iter().map(|arg| (arg.name.clone(), arg.value.clone())).collect()
}

#[component]
pub(crate) fn Arguments(props: &Props) -> Html {
    let state = &props.state;
    let asked = &state.drawn.asked;
    let Some(offers) = Offers::of(state) else {
        return html! { <p class="hint">{"There is no target, so there is nothing to give to its build."}</p> };
    };
    let target = state.target_cut().and_then(|cut| state.drawn.graph.stages.get(cut.target.0));
    let name = target.map(|stage| stage.display_name()).unwrap_or_default();
    let is_plain = asked.words().is_empty();
    let reset = {
        let (dispatch, context) = (state.dispatcher(), asked.context.clone());
        move |_| dispatch.dispatch(Action::Ask(Asked { context: context.clone(), ..Asked::default() }))
    };
    html! {
        <div class="arguments">
            <section aria-labelledby="args-title">
                <h2 id="args-title">
                    {format!("Arguments of {name}")}
                    if !is_plain {
                        <button class="control small" id="plain-build" onclick={reset}>{"Back to a plain build"}</button>
                    }
                </h2>
                { arguments(state, &offers) }
            </section>
            <section aria-labelledby="platform-title">
                <h2 id="platform-title">{"Platforms"}</h2>
                <PlatformInput state={state.clone()} is_builder=false />
                <PlatformInput state={state.clone()} is_builder=true />
                <datalist id="platforms">{ for PLATFORMS.into_iter().map(|it| html! { <option value={it} /> }) }</datalist>
            </section>
            <section aria-labelledby="contexts-title">
                <h2 id="contexts-title">{"Named contexts"}</h2>
                <Contexts state={state.clone()} />
            </section>
            { mounts(state, &offers.outline) }
        </div>
    }
}

/// The arguments, each with a place to give another value.
fn arguments(state: &Snapshot, offers: &Offers) -> Html {
    let unread = offers.unread(&state.drawn.asked);
    if offers.outline.recurses {
        return html! { <p class="hint">{"The stages depend on each other in a circle, so there is no build to give anything to."}</p> };
    }
    if offers.outline.args.is_empty() && unread.is_empty() {
        return html! {
            <p class="hint">{"None: no stage that the target needs declares one with "}<code>{"ARG"}</code>{"."}</p>
        };
    }
    html! {
        <>
            <table class="settings given">
                <thead class="visually-hidden"><tr><th scope="col">{"Name"}</th><th scope="col">{"Value"}</th><th scope="col">{"Declared in"}</th></tr></thead>
                <tbody>{ for offers.outline.args.iter().map(|arg| argument(state, arg, offers)) }</tbody>
            </table>
            if !unread.is_empty() {
                <p class="hint">{"Given, but nothing of this target reads it:"}</p>
                <ul class="unread">
                    { for unread.into_iter().map(|(name, value)| html! {
                        <li><code>{format!("{name}={value}")}</code>{" "}{ without(state, name, "Take out") }</li>
                    }) }
                </ul>
            }
        </>
    }
}

fn argument(state: &Snapshot, arg: &OutlineArg, offers: &Offers) -> Html {
    let given = state.drawn.asked.args.get(&arg.name);
    let default = offers.defaults.get(&arg.name).cloned().unwrap_or_default();
    let id = format!("arg-{}", arg.name);
    let change = {
        let (dispatch, asked, name) = (state.dispatcher(), state.drawn.asked.clone(), arg.name.clone());
        move |text: String| {
            let mut asked = Asked::clone(&asked);
            asked.args.insert(name.clone(), text);
            dispatch.dispatch(Action::Ask(asked));
        }
    };
    let value = given.unwrap_or(&arg.value).clone();
    let placeholder = if given.is_some() { "empty" } else { "not set" };
    html! {
        <tr key={arg.name.clone()}>
            <th scope="row"><label for={id.clone()}><code>{&arg.name}</code></label></th>
            <td>
                <div class="value">
                    <Field {id} {value} {placeholder} {change} />
                    if given.is_some() {
                        { without(state, &arg.name, "Default") }
                    }
                </div>
                if given.is_some() {
                    <span class="note">
                        {"default: "}
                        if default.is_empty() { {"none"} } else { <code>{default}</code> }
                    </span>
                }
                if !arg.description.is_empty() {
                    <span class="note">{&arg.description}</span>
                }
            </td>
            <td>{ line(state, arg.line) }</td>
        </tr>
    }
}

/// A button that lets an argument be as the file has it.
fn without(state: &Snapshot, name: &str, title: &'static str) -> Html {
    let (dispatch, asked, name) = (state.dispatcher(), state.drawn.asked.clone(), name.to_owned());
    let label = format!("{title}: {name}");
    let onclick = move |_| {
        let mut asked = Asked::clone(&asked);
        asked.args.remove(&name);
        dispatch.dispatch(Action::Ask(asked));
    };
    html! { <button class="link" {onclick} aria-label={label}>{title}</button> }
}

/// A line of the file, to be gone to.
fn line(state: &Snapshot, line: u32) -> Html {
    let (dispatch, offset) = (state.dispatcher(), state.drawn.line_start(line));
    let onclick = move |_| dispatch.dispatch(Action::GoTo(offset));
    html! { <button class="origin" {onclick}>{format!("line {line}")}</button> }
}

#[derive(Properties, PartialEq)]
struct PlatformProps {
    state: Snapshot,
    /// Whether it is the platform of the builder rather than the one that is asked for.
    is_builder: bool,
}

/// A platform, taken over when it can be read.
#[component]
fn PlatformInput(props: &PlatformProps) -> Html {
    let PlatformProps { state, is_builder } = props;
    let is_builder = *is_builder;
    let wrong = use_state(|| None::<String>);
    let options = state.drawn.asked.options(None);
    let (id, label, note) = match is_builder {
        false => (
            "platform",
            "Asked for",
            "--platform; what FROM takes, unless it says otherwise, and $TARGETARCH",
        ),
        true => (
            "builder",
            "Of the builder",
            "the machine that builds; $BUILDPLATFORM, and what is asked for if nothing else is",
        ),
    };
    let given = if is_builder { &state.drawn.asked.builder } else { &state.drawn.asked.platform };
    let placeholder = if is_builder { options.build_platform } else { options.target_platform };
    let oninput = {
        let (dispatch, asked, wrong) = (state.dispatcher(), state.drawn.asked.clone(), wrong.clone());
        move |event: InputEvent| {
            let text = events::text(&event);
            let chosen = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
            if let Some(Err(message)) = chosen.as_deref().map(platform::parse) {
                wrong.set(Some(message));
                return;
            }
            wrong.set(None);
            let asked = Asked::clone(&asked);
            dispatch.dispatch(Action::Ask(match is_builder {
                true => Asked { builder: chosen, ..asked },
                false => Asked { platform: chosen, ..asked },
            }));
        }
    };
    html! {
        <div class="platform">
            <label for={id}>{label}</label>
            <input {id} class="control" list="platforms" spellcheck="false" autocomplete="off" {placeholder}
                value={given.clone().unwrap_or_default()} {oninput} aria-describedby={format!("{id}-note")}
                aria-invalid={wrong.is_some().then_some("true")} />
            <span class="note" id={format!("{id}-note")}>
                if let Some(message) = &*wrong { <span class="refusal" role="status">{message}</span> } else { {note} }
            </span>
        </div>
    }
}

/// The named contexts that a build is given, and a place for one more.
#[component]
fn Contexts(props: &Props) -> Html {
    let state = &props.state;
    let (name, value) = (use_state(String::new), use_state(String::new));
    let typed = |to: &UseStateHandle<String>| {
        let to = to.clone();
        move |event: InputEvent| to.set(events::text(&event))
    };
    let add = {
        let (name, value, dispatch, asked) =
            (name.clone(), value.clone(), state.dispatcher(), state.drawn.asked.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            let (key, content) = (name.trim().to_owned(), value.trim().to_owned());
            if key.is_empty() || content.is_empty() {
                return;
            }
            let mut asked = Asked::clone(&asked);
            asked.contexts.insert(key, content);
            name.set(String::new());
            value.set(String::new());
            dispatch.dispatch(Action::Ask(asked));
        }
    };
    let row = |(name, value): (&String, &String)| {
        let onclick = {
            let (dispatch, asked, name) = (state.dispatcher(), state.drawn.asked.clone(), name.clone());
            move |_| {
                let mut asked = Asked::clone(&asked);
                asked.contexts.remove(&name);
                dispatch.dispatch(Action::Ask(asked));
            }
        };
        html! {
            <li>
                <code>{format!("{name}={value}")}</code>{" "}
                <button class="link" {onclick} aria-label={format!("Take out: {name}")}>{"Take out"}</button>
            </li>
        }
    };
    let graph = &state.drawn.graph;
    let names: Vec<String> = graph.stages.iter().filter_map(|stage| stage.name.clone()).collect();
    html! {
        <>
            <p class="note">
                {"A build can be given another content for a name: for a stage, an image, or what "}
                <code>{"--from"}</code>{" says."}
            </p>
            <ul class="unread">{ for state.drawn.asked.contexts.iter().map(row) }</ul>
            <form class="named" onsubmit={add}>
                <input class="control" id="context-name" list="context-names" aria-label="Name" placeholder="name" spellcheck="false"
                    autocomplete="off" value={(*name).clone()} oninput={typed(&name)} />
                <span aria-hidden="true">{"="}</span>
                <input class="control wide" id="context-value" aria-label="Content" spellcheck="false" autocomplete="off"
                    placeholder="docker-image://alpine:3.20, ../folder, https://…" value={(*value).clone()} oninput={typed(&value)} />
                <button class="control">{"Add"}</button>
                <datalist id="context-names">{ for names.into_iter().map(|it| html! { <option value={it} /> }) }</datalist>
            </form>
        </>
    }
}

/// Secrets, agents and caches that the target mounts: nothing to choose here, but a build may have to bring them.
fn mounts(state: &Snapshot, outline: &Outline) -> Html {
    if outline.secrets.is_empty() && outline.ssh.is_empty() && outline.caches.is_empty() {
        return Html::default();
    }
    let secret = |flag: &str, it: &OutlineSecret| {
        html! {
            <li>
                <code>{format!("--{flag} {}", if flag == "ssh" { it.id.clone() } else { format!("id={}", it.id) })}</code>
                {if it.required { ", without which the build fails" } else { ", if there is one" }}
                {" "}{ line(state, it.line) }
            </li>
        }
    };
    html! {
        <section aria-labelledby="mounts-title">
            <h2 id="mounts-title">{"Secrets and caches"}</h2>
            <ul class="unread">
                { for outline.secrets.iter().map(|it| secret("secret", it)) }
                { for outline.ssh.iter().map(|it| secret("ssh", it)) }
                { for outline.caches.iter().map(|it| html! {
                    <li>{"cache "}<code>{&it.id}</code>{" at "}<code>{&it.target}</code>{format!(", {} ", it.sharing)}{ line(state, it.line) }</li>
                }) }
            </ul>
        </section>
    }
}
