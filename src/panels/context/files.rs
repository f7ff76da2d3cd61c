//! The files, each with what becomes of it. Files can be added, renamed and taken out.

use dockerfile::context::{ContextFile, Fate, Taken, Transfer};
use yew::prelude::*;

use super::ignore::AREA;
use super::{Parts, bytes, change};
use crate::browser::events;
use crate::panels::image::line_button;
use crate::state::Snapshot;

/// So many rows are shown, and as many more with each click.
const PIECE: usize = 200;
/// Shorter lists need no filter.
const MIN_FILTERED: usize = 8;

/// What is shown of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    All,
    Sent,
    Ignored,
    NotAsked,
}

impl Which {
    const ALL: [Which; 4] = [Which::All, Which::Sent, Which::Ignored, Which::NotAsked];

    fn title(self) -> &'static str {
        match self {
            Which::All => "All",
            Which::Sent => "Sent",
            Which::Ignored => "Left out",
            Which::NotAsked => "Not asked for",
        }
    }

    fn has(self, fate: Fate) -> bool {
        match self {
            Which::All => true,
            Which::Sent => fate.sent,
            Which::Ignored => fate.ignored,
            Which::NotAsked => !fate.sent && !fate.ignored,
        }
    }
}

#[component]
pub(super) fn Files(props: &Parts) -> Html {
    let Parts { state, transfer } = props;
    let (filter, which, n_shown) = (use_state(String::new), use_state(|| Which::All), use_state(|| PIECE));
    let renamed = use_state(|| None::<usize>);
    let context = state.drawn.asked.context.as_ref();
    let files = context.and_then(|context| context.files.as_deref()).unwrap_or_default();
    let fate = |at: usize| transfer.fates.get(at).copied().unwrap_or_default();
    let wanted = filter.to_lowercase();
    let mut found: Vec<usize> = (0..files.len())
        .filter(|&at| which.has(fate(at)) && files[at].path.to_lowercase().contains(&wanted))
        .collect();
    found.sort_by(|&a, &b| files[a].path.split('/').cmp(files[b].path.split('/')));
    // Where the keyboard goes on once the row that it was in is another one.
    let next = use_mut_ref(|| None::<Next>);
    {
        let (next, n_found) = (next.clone(), found.len());
        use_effect_with(state.drawn.clone(), move |_| match next.borrow_mut().take() {
            None => {}
            Some(Next::Renamed(at)) => events::focus(&format!("rename-{at}")),
            Some(Next::TakenOut(_)) if n_found == 0 => events::focus("context-add"),
            Some(Next::TakenOut(place)) => events::focus(&format!("take-out-{}", place.min(n_found - 1))),
        });
    }
    let oninput = {
        let filter = filter.clone();
        move |event: InputEvent| filter.set(events::text(&event))
    };
    let switch = |it: Which| {
        let (which, n_shown) = (which.clone(), n_shown.clone());
        let is_on = *which == it;
        let n_files = (0..files.len()).filter(|&at| it.has(fate(at))).count();
        let onclick = move |_| {
            which.set(it);
            n_shown.set(PIECE);
        };
        html! {
            <button class="control small" {onclick} aria-pressed={is_on.to_string()}>{format!("{} {n_files}", it.title())}</button>
        }
    };
    let more = {
        let n_shown = n_shown.clone();
        move |_| n_shown.set(*n_shown + PIECE)
    };
    let row = |(place, &at): (usize, &usize)| {
        let edit = {
            let renamed = renamed.clone();
            Callback::from(move |to: Option<usize>| renamed.set(to))
        };
        let done = {
            let next = next.clone();
            Callback::from(move |then: Next| *next.borrow_mut() = Some(then))
        };
        let row = Row { file: &files[at], at, place, is_renamed: *renamed == Some(at), edit, done };
        self::row(state, transfer, row)
    };
    html! {
        <>
            if files.len() >= MIN_FILTERED {
                <div class="context-filter">
                    <div class="switch" role="group" aria-label="Which files">{ for Which::ALL.into_iter().map(switch) }</div>
                    <input class="filter" type="search" placeholder="Filter paths" aria-label="Filter paths" value={(*filter).clone()} {oninput} />
                </div>
            }
            if found.is_empty() {
                <p class="hint">{ if files.is_empty() { "There are no files yet: add some here, or take those of a project or a folder." } else { "No file is like that." } }</p>
            } else {
                <table class="context-table">
                    <colgroup><col /><col /><col /><col /></colgroup>
                    <thead class="visually-hidden"><tr>
                        <th scope="col">{"Path"}</th><th scope="col">{"Size"}</th><th scope="col">{"What becomes of it"}</th><th scope="col">{"Change"}</th>
                    </tr></thead>
                    <tbody>{ for found.iter().take(*n_shown).enumerate().map(row) }</tbody>
                </table>
            }
            if found.len() > *n_shown {
                <button class="control small" id="context-more" onclick={more}>
                    {format!("Show {} more of {}", PIECE.min(found.len() - *n_shown), found.len() - *n_shown)}
                </button>
            }
            <Add state={state.clone()} />
        </>
    }
}

/// A row of the table.
struct Row<'r> {
    file: &'r ContextFile,
    /// Its index among the files, and in the table.
    at: usize,
    place: usize,
    is_renamed: bool,
    edit: Callback<Option<usize>>,
    done: Callback<Next>,
}

/// What was done to a file.
#[derive(Clone, Copy, Debug)]
enum Next {
    /// It has another path; its index.
    Renamed(usize),
    /// It is gone; its place in the table.
    TakenOut(usize),
}

fn row(state: &Snapshot, transfer: &Transfer, row: Row<'_>) -> Html {
    let Row { file, at, place, is_renamed, edit, done } = row;
    let fate = transfer.fates.get(at).copied().unwrap_or_default();
    let class = match (fate.sent, fate.ignored) {
        (true, _) => "sent",
        (false, true) => "ignored",
        (false, false) => "not-asked",
    };
    let remove = {
        let (state, done) = (state.clone(), done.clone());
        move |_| {
            done.emit(Next::TakenOut(place));
            change(&state, |context| {
                if let Some(files) = context.files.as_mut().filter(|files| at < files.len()) {
                    files.remove(at);
                }
            });
        }
    };
    let rename = {
        let (state, edit) = (state.clone(), edit.clone());
        Callback::from(move |path: String| {
            edit.emit(None);
            done.emit(Next::Renamed(at));
            let path = cleaned(&path);
            change(&state, |context| {
                if let Some(file) =
                    context.files.as_mut().and_then(|files| files.get_mut(at)).filter(|_| !path.is_empty())
                {
                    file.path = path;
                }
            });
        })
    };
    let begin = {
        let edit = edit.clone();
        move |_| edit.emit(Some(at))
    };
    let name_at = file.path.trim_end_matches('/').rfind('/').map_or(0, |at| at + 1);
    html! {
        <tr key={file.path.clone()} {class}>
            <th scope="row">
                if is_renamed {
                    <Rename path={file.path.clone()} done={rename} />
                } else {
                    <code><span class="folder-part">{&file.path[..name_at]}</span>{&file.path[name_at..]}</code>
                }
            </th>
            <td class="size">{ file.size.map(bytes).unwrap_or_default() }</td>
            <td class="fate"><span class="sign" aria-hidden="true"></span>{ words(state, transfer, file, at, fate) }</td>
            <td class="change">
                <button class="link" id={format!("rename-{at}")} onclick={begin} title="Rename" aria-label={format!("Rename {}", file.path)}>{"✎"}</button>
                <button class="link" id={format!("take-out-{place}")} onclick={remove} title="Take out" aria-label={format!("Take out {}", file.path)}>{"✕"}</button>
            </td>
        </tr>
    }
}

/// What becomes of a file, and who is behind that.
fn words(state: &Snapshot, transfer: &Transfer, file: &ContextFile, at: usize, fate: Fate) -> Html {
    let by = transfer.decision(at).map(|(line, pattern)| {
        let onclick = move |_| events::select_line(AREA, line);
        let label = format!("Line {line} of .dockerignore, {pattern}");
        html! { <button class="origin pattern" {onclick} aria-label={label}><code>{pattern.to_owned()}</code></button> }
    });
    if fate.ignored {
        return html! { <>{"left out by "}{by}</> };
    }
    if !fate.sent {
        // BuildKit reads them before it builds, whatever the build asks for.
        let is_read =
            matches!(file.path.as_str(), "Dockerfile" | "Dockerfile.dockerignore" | ".dockerignore");
        return html! { { if is_read { "read on its own" } else { "not asked for" } } };
    }
    let kept = by.map(|by| html! { <>{", kept by "}{by}</> });
    let path = file.path.trim_matches('/');
    let takes = |taken: &&Taken| taken.taker.selections.iter().any(|selection| selection.takes(path));
    let lines = || transfer.takers.iter().filter(takes);
    if !fate.taken {
        return html! { <><span class="waste">{"sent, but no instruction takes it"}</span>{kept}</> };
    }
    html! { <>{"taken by "}{ for lines().map(|taken| line_button(state, taken.taker.at.stage, taken.taker.at.step)) }{kept}</> }
}

#[derive(Properties, PartialEq)]
struct RenameProps {
    path: String,
    done: Callback<String>,
}

/// Another path for a file: Enter takes it, Escape leaves it as it was.
#[component]
fn Rename(props: &RenameProps) -> Html {
    let RenameProps { path, done } = props;
    let text = use_state(|| path.clone());
    use_effect_with((), |()| events::focus("context-rename"));
    let oninput = {
        let text = text.clone();
        move |event: InputEvent| text.set(events::text(&event))
    };
    let onsubmit = {
        let (text, done) = (text.clone(), done.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            done.emit((*text).clone());
        }
    };
    let onkeydown = {
        let (path, done) = (path.clone(), done.clone());
        move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                done.emit(path.clone());
            }
        }
    };
    html! {
        <form {onsubmit}>
            <input id="context-rename" class="control" aria-label={format!("New path of {path}")} spellcheck="false" autocomplete="off"
                value={(*text).clone()} {oninput} {onkeydown} />
        </form>
    }
}

/// A place for one more file.
#[component]
fn Add(props: &crate::panels::Props) -> Html {
    let state = &props.state;
    let (path, size) = (use_state(String::new), use_state(String::new));
    let typed = |to: &UseStateHandle<String>| {
        let to = to.clone();
        move |event: InputEvent| to.set(events::text(&event))
    };
    let onsubmit = {
        let (state, path, size) = (state.clone(), path.clone(), size.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            let new = cleaned(&path);
            if new.is_empty() {
                return;
            }
            let file = ContextFile { path: new, size: size.trim().parse().ok() };
            path.set(String::new());
            change(&state, |context| {
                let files = context.files.get_or_insert_default();
                files.retain(|known| known.path != file.path);
                files.push(file);
            });
        }
    };
    html! {
        <form class="context-add" {onsubmit}>
            <input class="control" id="context-add" aria-label="Path of another file" placeholder="src/main.go, or logs/ for a directory"
                spellcheck="false" autocomplete="off" value={(*path).clone()} oninput={typed(&path)} />
            <input class="control size" id="context-size" aria-label="Its size in bytes" placeholder="bytes" inputmode="numeric"
                autocomplete="off" value={(*size).clone()} oninput={typed(&size)} />
            <button class="control">{"Add"}</button>
        </form>
    }
}

/// A path without what leads nowhere; a slash at the end stays, as it says that it is a directory.
fn cleaned(path: &str) -> String {
    let parts = path.trim().split('/').filter(|part| !matches!(*part, "" | "." | ".."));
    let joined = parts.collect::<Vec<_>>().join("/");
    if !joined.is_empty() && path.trim().ends_with('/') { joined + "/" } else { joined }
}
