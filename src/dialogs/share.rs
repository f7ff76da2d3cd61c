//! Handing on what one sees: as a link, as Markdown, as a picture, in another page, as a file.

use std::rc::Rc;

use dockerfile::export::{self, FORMATS};
use protocol::file::EXTENSION;
use yew::platform::spawn_local;
use yew::prelude::*;

use super::{ID, Modal};
use crate::browser::{dialog, events, files, png, server};
use crate::building::Server;
use crate::panels::copy::CopyButton;
use crate::panels::picture::{exported, exported_as};
use crate::share::{COMFORTABLE, LONGEST, embed, link, markdown, markdown_link};
use crate::state::{Action, Notice, Snapshot, Theme};

#[derive(Properties, PartialEq)]
pub(super) struct Props {
    pub(super) state: Snapshot,
    /// The address of the page, without a fragment.
    pub(super) address: Rc<str>,
}

#[component]
pub(super) fn Share(props: &Props) -> Html {
    let state = &props.state;
    let playground = state.playground();
    let link = link(&props.address, &playground);
    let text = &state.analysis.text;
    let save = {
        let playground = playground.clone();
        move |_| {
            files::save(&format!("dockerfile.{EXTENSION}"), "application/json", &playground.to_file());
        }
    };
    let save_dockerfile = {
        let text = text.clone();
        move |_| files::save("Dockerfile", "application/octet-stream", &text)
    };
    html! {
        <Modal title="Share what you see" dispatch={state.dispatcher()}>
            <p class="lead">
                {"Your text stays in your browser. A link holds it behind the "}<code>{"#"}</code>
                {", which browsers send to no server; who opens the link sees what you see now."}
            </p>
            { a_link(state, link.as_deref()) }
            if matches!(state.building.server, Server::There(_)) {
                <Short state={state.clone()} />
            }
            if let Some(link) = &link {
                { form(state, "markdown-link", "Link in Markdown", "For a README, an issue or a review.", markdown_link(link)) }
            }
            { form(
                state,
                "markdown",
                if link.is_some() { "Markdown with the text" } else { "The text in Markdown" },
                "Who reads it sees the Dockerfile without opening anything.",
                markdown(text, link.as_deref()),
            ) }
            if !state.drawn.graph.stages.is_empty() {
                <Picture state={state.clone()} />
            }
            { form(
                state,
                "embed",
                "Embed in a page",
                "A block of code that shows its stages; without JavaScript it stays a block of code.",
                embed(&props.address, text, state.lens.target.as_deref()),
            ) }
            <section>
                <h3>{"File"}</h3>
                <p class="note">{"The Dockerfile alone, or everything that is set here, to be opened again with “Open”."}</p>
                <p class="actions">
                    <button class="control small" id="save-dockerfile" onclick={save_dockerfile}>{"Save the Dockerfile"}</button>
                    <button class="control small" id="save-playground" onclick={save}>{"Save everything"}</button>
                </p>
            </section>
        </Modal>
    }
}

#[derive(Properties, PartialEq)]
struct PictureProps {
    state: Snapshot,
}

/// A short link, where a server keeps what it stands for.
#[component]
fn Short(props: &PictureProps) -> Html {
    let state = &props.state;
    // The short link, or why there is none, and what it is for.
    let made = use_state(|| None::<(String, Result<String, String>)>);
    let fragment = protocol::link::encode(&state.playground());
    let make = {
        let (made, fragment) = (made.clone(), fragment.clone());
        move |_| {
            let (made, fragment) = (made.clone(), fragment.clone());
            spawn_local(async move {
                let short = server::short_link(fragment.clone()).await;
                made.set(Some((fragment, short.map_err(|problem| problem.title))));
            });
        }
    };
    let answer = made.as_ref().filter(|(of, _)| *of == fragment).map(|(_, answer)| answer);
    html! {
        <section>
            <h3>{"Short link"}</h3>
            <p class="note">{"This server keeps what you see under a short address; whoever has it can read it."}</p>
            { match answer {
                None => html! { <p class="actions"><button class="control small" id="short-link" onclick={make}>{"Make a short link"}</button></p> },
                Some(Err(sentence)) => html! { <p class="refusal" role="alert">{sentence}</p> },
                Some(Ok(short)) => html! {
                    <p class="actions" role="status">
                        <code>{short}</code>
                        <CopyButton text={short.clone()} done="The short link is copied." label="Copy the short link" dispatch={state.dispatcher()} />
                    </p>
                },
            } }
        </section>
    }
}

/// The stages as a picture, or in a form for other programs.
#[component]
fn Picture(props: &PictureProps) -> Html {
    let state = &props.state;
    let chosen = use_state(|| "mermaid".to_owned());
    let theme = match state.theme {
        Theme::System => export::Theme::Auto,
        Theme::Light => export::Theme::Light,
        Theme::Dark => export::Theme::Dark,
    };
    let save_svg = {
        let state = state.clone();
        move |_| files::save("stages.svg", "image/svg+xml", &exported(&state, theme))
    };
    let save_png = {
        let state = state.clone();
        move |_| {
            let state = state.clone();
            spawn_local(async move {
                match png::of_svg(&exported(&state, theme)).await {
                    Some(blob) => files::save_blob("stages.png", &blob),
                    None => {
                        let text = "The browser cannot draw this picture. Save the SVG instead.".to_owned();
                        state.dispatch(Action::Tell(Notice { text, is_error: true }));
                        dialog::close(ID);
                    }
                }
            });
        }
    };
    let others = FORMATS.iter().filter(|format| format.id != "svg");
    let format = FORMATS.iter().find(|format| format.id == *chosen).unwrap_or(&FORMATS[0]);
    let text = exported_as(state, format);
    let save = {
        let text = text.clone();
        move |_| files::save(&format!("stages.{}", format.extension), format.media_type, &text)
    };
    let onchange = {
        let chosen = chosen.clone();
        move |event: Event| chosen.set(events::selected(&event))
    };
    html! {
        <section>
            <h3>{"Picture"}</h3>
            <p class="note">{"As wide windows show it, with the target that is chosen; the same text gives the same file."}</p>
            <p class="actions">
                <button class="control small" id="save-svg" onclick={save_svg}>{"Save as SVG"}</button>
                <button class="control small" id="save-png" onclick={save_png}>{"Save as PNG"}</button>
            </p>
            <p class="actions">
                <label for="form">{"In another form"}</label>
                <select class="control small" id="form" {onchange}>
                    { for others.map(|it| html! { <option value={it.id} selected={it.id == *chosen}>{it.title}</option> }) }
                </select>
                <CopyButton text={text.clone()} done={format!("{}: copied.", format.title)} label={format!("Copy: {}", format.title)} dispatch={state.dispatcher()} />
                <button class="control small" id="save-form" aria-label={format!("Save: {}", format.title)} onclick={save}>{"Save"}</button>
            </p>
        </section>
    }
}

fn a_link(state: &Snapshot, link: Option<&str>) -> Html {
    let Some(link) = link else {
        return html! {
            <section>
                <h3>{"Link"}</h3>
                <p class="message" id="link-too-long">
                    {format!("This is too long for a link: browsers and chats cut off what has more than {} characters. Save a file instead.", thousands(LONGEST))}
                </p>
            </section>
        };
    };
    let n = link.chars().count();
    html! {
        <section>
            <h3>{"Link"}<span class="note" id="link-length">{format!("{} characters", thousands(n))}</span></h3>
            <div class="copied">
                <input class="control" id="link" readonly=true aria-label="The link" value={link.to_owned()} />
                <CopyButton text={link.to_owned()} done="Link copied. It holds the text and what is set; nothing was sent anywhere."
                    id="copy-link" title="Copy link" class={classes!("control", "primary")} dispatch={state.dispatcher()} />
            </div>
            if n > COMFORTABLE {
                <p class="note" id="link-long">
                    {format!("Some chats and mail programs cut off links of more than {} characters. Markdown as a link hides its length; a file has no limit.", thousands(COMFORTABLE))}
                </p>
            }
        </section>
    }
}

/// A text that can be copied.
fn form(state: &Snapshot, id: &'static str, title: &'static str, note: &'static str, text: String) -> Html {
    html! {
        <section>
            <h3 id={format!("{id}-title")}>{title}</h3>
            <p class="note">{note}</p>
            <div class="copied">
                <pre id={id} tabindex="0" aria-labelledby={format!("{id}-title")}>{&text}</pre>
                <CopyButton {text} done={format!("{title}: copied.")} label={format!("Copy: {title}")} dispatch={state.dispatcher()} />
            </div>
        </section>
    }
}

/// A number with its thousands apart.
fn thousands(number: usize) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", number / 1_000, number % 1_000),
    }
}
