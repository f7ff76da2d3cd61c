//! Handing on what one sees: as a link, as Markdown, as a file.

use std::rc::Rc;

use protocol::file::EXTENSION;
use yew::prelude::*;

use super::Modal;
use crate::browser::files;
use crate::panels::copy::CopyButton;
use crate::share::{COMFORTABLE, LONGEST, link, markdown, markdown_link};
use crate::state::Snapshot;

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

fn a_link(state: &Snapshot, link: Option<&str>) -> Html {
    let Some(link) = link else {
        return html! {
            <section>
                <h3>{"Link"}</h3>
                <p class="message" id="link-too-long">
                    {format!("This is too long for a link: browsers and chats cut off what has more than {} characters. Save a file instead.", LONGEST)}
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
