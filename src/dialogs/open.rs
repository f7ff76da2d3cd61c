//! Another text: from files, from an address, or made of the three files of the builder pattern.

use yew::platform::spawn_local;
use yew::prelude::*;

use super::{Dialog, ID, Modal};
use crate::browser::{dialog, events, fetch, files, folder};
use crate::opening::{self, Named, Opening, Three};
use crate::state::{Action, Snapshot};

/// What the dialog shows below the ways to open something.
#[derive(Clone, Debug, Default, PartialEq)]
enum Found {
    #[default]
    Nothing,
    /// Something is being fetched.
    Waits,
    /// A sentence that says what went wrong.
    Failed(String),
    /// Dockerfiles of which one has to be chosen, and the ignore file beside them.
    Choice(Vec<(String, String)>, Option<String>),
}

#[derive(Properties, PartialEq)]
pub(super) struct OpenProps {
    pub(super) state: Snapshot,
    /// What was dropped on the page, if there is something to choose.
    pub(super) start: Option<Box<Opening>>,
}

#[component]
pub(super) fn Open(props: &OpenProps) -> Html {
    let OpenProps { state, start } = props;
    let found = use_state(|| match start.as_deref() {
        Some(Opening::Choice(all, ignore)) => Found::Choice(all.clone(), ignore.clone()),
        Some(Opening::Pattern(_) | Opening::Playground(_)) | None => Found::Nothing,
    });
    // With a count: files that are found anew fill the fields anew.
    let three = use_state(|| match start.as_deref() {
        Some(Opening::Pattern(three)) => (0_usize, three.clone()),
        Some(Opening::Choice(..) | Opening::Playground(_)) | None => (0, Three::default()),
    });
    let over = use_state(|| false);
    let take = {
        let (state, found, three) = (state.clone(), found.clone(), three.clone());
        Callback::from(move |opening: Result<Opening, String>| match opening {
            Ok(Opening::Playground(playground)) => {
                state.dispatch(Action::Open(playground));
                dialog::close(ID);
            }
            Ok(Opening::Choice(all, ignore)) => found.set(Found::Choice(all, ignore)),
            Ok(Opening::Pattern(files)) => {
                found.set(Found::Nothing);
                three.set((three.0 + 1, files));
            }
            Err(why) => found.set(Found::Failed(why)),
        })
    };
    let take_files = {
        let take = take.clone();
        move || {
            let take = take.clone();
            move |all: Vec<Named>| take.emit(opening::files(all))
        }
    };
    let onchange = {
        let take_files = take_files.clone();
        move |event: Event| files::chosen(&event, take_files())
    };
    let onfolder = {
        let take = take.clone();
        move |event: Event| {
            let take = take.clone();
            folder::chosen(&event, move |folder| take.emit(opening::folder(folder)));
        }
    };
    let ondrop = {
        let (over, take, take_files) = (over.clone(), take.clone(), take_files.clone());
        move |event: DragEvent| {
            event.prevent_default();
            over.set(false);
            if folder::is_dropped(&event) {
                let take = take.clone();
                folder::dropped(&event, move |folder| take.emit(opening::folder(folder)));
            } else {
                files::dropped(&event, take_files());
            }
        }
    };
    let drag = |is_over: bool| {
        let over = over.clone();
        move |event: DragEvent| {
            event.prevent_default();
            over.set(is_over);
        }
    };
    html! {
        <Modal title="Open" dispatch={state.dispatcher()}>
            <section class={classes!("drop", over.then_some("over"))} {ondrop} ondragover={drag(true)} ondragleave={drag(false)}>
                <h3>{"From this computer"}</h3>
                <p class="note">
                    {"A Dockerfile, with its "}<code>{".dockerignore"}</code>{" if there is one, a folder, or a file that was saved here. They are read in your browser and sent nowhere."}
                </p>
                <p class="actions">
                    <label class="control file">{"Choose files"}<input type="file" id="open-files" class="visually-hidden" multiple=true {onchange} /></label>
                    <label class="control file">{"Choose a folder"}<input type="file" id="open-folder" class="visually-hidden" webkitdirectory=true onchange={onfolder} /></label>
                    <span class="note">{"or drop them here"}</span>
                </p>
            </section>
            <Address state={state.clone()} found={found.clone()} />
            <section role="status" class="found-files">
                { result(&found, &take) }
            </section>
            <section>
                <h3>{"From before"}</h3>
                <p class="note">{"This browser keeps a draft of what you change, and what you give a name."}</p>
                <p class="actions"><button class="control" id="open-before" onclick={
                    let dispatch = state.dispatcher();
                    move |_| dispatch.dispatch(Action::Dialog(Some(Dialog::Before)))
                }>{"What you worked on"}</button></p>
            </section>
            <details open={!three.1.is_empty()} class="pattern">
                <summary><h3>{"Two Dockerfiles and a script"}</h3></summary>
                <Pattern key={three.0.to_string()} state={state.clone()} start={three.1.clone()} />
            </details>
        </Modal>
    }
}

fn result(found: &Found, take: &Callback<Result<Opening, String>>) -> Html {
    match found {
        Found::Nothing => Html::default(),
        Found::Waits => html! { <p class="note">{"Fetching…"}</p> },
        Found::Failed(why) => html! { <p class="message error" id="open-failed">{why}</p> },
        Found::Choice(all, ignore) => html! {
            <>
                <h3>{"Which one?"}</h3>
                <ul class="kept">
                    { for all.iter().map(|(name, text)| {
                        let (take, text, ignore) = (take.clone(), text.clone(), ignore.clone());
                        let n_lines = text.lines().count();
                        let onclick = move |_| {
                            let playground = opening::playground(text.clone(), ignore.clone());
                            take.emit(Ok(Opening::Playground(Box::new(playground))));
                        };
                        html! { <li><button class="link" {onclick}>{name}</button><span class="note">{format!("{n_lines} lines")}</span></li> }
                    }) }
                </ul>
            </>
        },
    }
}

#[derive(Properties, PartialEq)]
struct AddressProps {
    state: Snapshot,
    found: UseStateHandle<Found>,
}

#[component]
fn Address(props: &AddressProps) -> Html {
    let address = use_state(String::new);
    let oninput = {
        let address = address.clone();
        move |event: InputEvent| address.set(events::text(&event))
    };
    let onsubmit = {
        let (state, found, address) = (props.state.clone(), props.found.clone(), address.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            let (state, found, address) = (state.clone(), found.clone(), (*address).clone());
            found.set(Found::Waits);
            spawn_local(async move {
                match fetched(&address).await {
                    Ok(opened) => {
                        state.dispatch(opened);
                        dialog::close(ID);
                    }
                    Err(why) => found.set(Found::Failed(why)),
                }
            });
        }
    };
    html! {
        <section>
            <h3>{"From an address"}</h3>
            <p class="note" id="open-address-note">
                {"Of a file, or its page on GitHub, GitLab or Gist. Your browser fetches it from there, and that server sees that you do."}
            </p>
            <form class="copied" {onsubmit}>
                <input class="control" id="open-address" aria-label="Address" aria-describedby="open-address-note" inputmode="url"
                    placeholder="https://github.com/owner/repository" autocomplete="off" spellcheck="false" value={(*address).clone()} {oninput} />
                <button class="control" id="open-fetch" disabled={address.trim().is_empty() || *props.found == Found::Waits}>{"Fetch"}</button>
            </form>
        </section>
    }
}

/// Opens what is at an address; the error is a sentence.
pub(crate) async fn fetched(address: &str) -> Result<Action, String> {
    let text = fetch::text(
        &opening::address(address)?,
        "Open the address in a tab, copy the text, and paste it here.",
    )
    .await?;
    if text.contains('\0') || opening::is_page(&text) {
        return Err("There is a page or a program at this address, not a Dockerfile. Take the address of the file itself.".to_owned());
    }
    Ok(Action::Open(Box::new(opening::playground(text, None))))
}

#[derive(Properties, PartialEq)]
struct PatternProps {
    state: Snapshot,
    /// What is in the fields at first.
    start: Three,
}

/// The three files of the builder pattern, and the one that stands for them.
#[component]
fn Pattern(props: &PatternProps) -> Html {
    let PatternProps { state, start } = props;
    let three = use_state(|| start.clone());
    let field = |id: &'static str,
                 title: &'static str,
                 placeholder: &'static str,
                 of: fn(&mut Three) -> &mut String| {
        let value = of(&mut (*three).clone()).clone();
        let three = three.clone();
        let oninput = move |event: InputEvent| {
            let mut changed = (*three).clone();
            *of(&mut changed) = events::text(&event);
            three.set(changed);
        };
        html! {
            <div>
                <label for={id}>{title}</label>
                <textarea class="control" {id} rows="6" spellcheck="false" autocomplete="off" {placeholder} {value} {oninput} />
            </div>
        }
    };
    let made = (!three.is_empty()).then(|| three.together());
    html! {
        <>
            <p class="note">
                {"Before a Dockerfile had stages, a script took what one image had built and put it into another. One file does the same."}
            </p>
            <div class="three">
                { field("pattern-build", "The Dockerfile that builds", "FROM golang:1.23\n…", |it| &mut it.build) }
                { field("pattern-script", "The script", "docker build -f Dockerfile.build …\ndocker create …\ndocker cp …", |it| &mut it.script) }
                { field("pattern-ship", "The Dockerfile that ships", "FROM alpine:3.20\nCOPY app …", |it| &mut it.ship) }
            </div>
            if made.is_none() {
                <button class="link" id="pattern-example" onclick={ let three = three.clone(); move |_| three.set(example()) }>{"Try it with an example"}</button>
            }
            { match made {
                None => Html::default(),
                Some(Err(why)) => html! { <p class="message" role="status" id="pattern-failed">{why}</p> },
                Some(Ok(made)) => {
                    let onclick = {
                        let (dispatch, text) = (state.dispatcher(), made.text.clone());
                        move |_| {
                            dispatch.dispatch(Action::Open(Box::new(opening::playground(text.clone(), None))));
                            dialog::close(ID);
                        }
                    };
                    html! {
                        <>
                            <pre id="pattern-made" tabindex="0" aria-label="The one Dockerfile">{&made.text}</pre>
                            <p class="actions"><button class="control primary" id="pattern-open" {onclick}>{"Open this Dockerfile"}</button></p>
                            if !made.notes.is_empty() {
                                <ul class="notes">{ for made.notes.iter().map(|note| html! { <li>{note}</li> }) }</ul>
                            }
                            <table class="fates">
                                <caption>{"What becomes of the script"}</caption>
                                <thead><tr><th scope="col">{"Line"}</th><th scope="col">{"Command"}</th><th scope="col">{"What becomes of it"}</th></tr></thead>
                                <tbody>{ for made.script.iter().map(|fate| html! {
                                    <tr class={(!fate.vanishes).then_some("stays")}>
                                        <td>{fate.line}</td>
                                        <td><code>{&fate.text}</code></td>
                                        <td>{if fate.vanishes { "Goes. " } else { "Stays. " }}{&fate.why}</td>
                                    </tr>
                                }) }</tbody>
                            </table>
                        </>
                    }
                }
            } }
        </>
    }
}

fn example() -> Three {
    Three {
        build: "FROM golang:1.23\nWORKDIR /src\nCOPY . .\nRUN CGO_ENABLED=0 go build -o app .\n".to_owned(),
        script: "#!/bin/sh\nset -e\ndocker build -t app-build -f Dockerfile.build .\ndocker create --name extract app-build\n\
                 docker cp extract:/src/app ./app\ndocker rm -f extract\ndocker build -t app .\nrm ./app\n"
            .to_owned(),
        ship: "FROM alpine:3.20\nRUN apk add --no-cache ca-certificates\nCOPY app /usr/local/bin/app\nCMD [\"app\"]\n".to_owned(),
    }
}
