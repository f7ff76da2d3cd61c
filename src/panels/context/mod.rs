//! The build context: pretended files, or the names in a real folder; what becomes of each in a build of the target,
//! and what the instructions find.

mod files;
mod ignore;
mod start;

use dockerfile::context::{BuildContext, Outcome, Taken, Transfer, transfer};
use dockerfile::queries;
use dockerfile::stages::{EdgeKind, Source, SourceId};
use yew::prelude::*;

use self::files::Files;
use self::ignore::Ignore;
use self::start::{Start, chooser};
use super::Props;
use super::image::line_button;
use crate::analysis::Same;
use crate::asked::Asked;
use crate::browser::folder::{self, MAX_FILES};
use crate::state::{Action, Snapshot};

/// What the parts of the panel get.
#[derive(Properties, PartialEq)]
struct Parts {
    state: Snapshot,
    transfer: Same<Transfer>,
}

#[component]
pub(crate) fn Context(props: &Props) -> Html {
    let state = &props.state;
    let (notice, is_over) = (use_state(|| None::<&'static str>), use_state(|| false));
    let found = use_memo((state.drawn.clone(), state.cut.clone()), |(drawn, cut)| {
        let context = drawn.asked.context.as_ref()?;
        let source = drawn.graph.sources.iter().position(|source| *source == Source::Context);
        // Of a context that nothing refers to, nothing is asked.
        let source = SourceId(source.unwrap_or(usize::MAX));
        Some(Same::new(transfer(&drawn.graph, Result::as_ref(cut).ok()?, source, context)))
    });
    let take = {
        let (state, notice) = (state.clone(), notice.clone());
        Callback::from(move |found: BuildContext| {
            let is_empty = found.files.as_ref().is_none_or(Vec::is_empty);
            notice.set(is_empty.then_some("There are no files in it."));
            if !is_empty {
                put(&state, Some(found));
            }
        })
    };
    let ondrop = {
        let (is_over, take) = (is_over.clone(), take.clone());
        move |event: DragEvent| {
            event.prevent_default();
            is_over.set(false);
            let take = take.clone();
            folder::dropped(&event, move |found| take.emit(found.context));
        }
    };
    let over = |to: bool| {
        let is_over = is_over.clone();
        move |event: DragEvent| {
            event.prevent_default();
            if *is_over != to {
                is_over.set(to);
            }
        }
    };
    let body = match (&state.drawn.asked.context, &*found) {
        (None, _) => html! { <Start state={state.clone()} {take} /> },
        (Some(_), None) => {
            html! { <p class="hint">{"There is no target, so nothing is asked of the build context."}</p> }
        }
        (Some(_), Some(transfer)) => html! {
            <div class="context-panel">
                <section class="context-files" aria-labelledby="context-title">
                    { head(state, transfer, take) }
                    <Files state={state.clone()} transfer={transfer.clone()} />
                </section>
                <section class="context-side">
                    <Ignore state={state.clone()} transfer={transfer.clone()} />
                    <h2 id="takers-title">{"What instructions take"}</h2>
                    { takers(state, transfer) }
                </section>
            </div>
        },
    };
    html! {
        <div class={classes!("context-drop", is_over.then_some("over"))} {ondrop} ondragover={over(true)} ondragleave={over(false)}>
            <p class="context-notice" role="status">{ notice.unwrap_or_default() }</p>
            { body }
        </div>
    }
}

/// Puts another context in the place of the one there is.
fn put(state: &Snapshot, context: Option<BuildContext>) {
    let asked = Asked::clone(&state.drawn.asked);
    state.dispatch(Action::Ask(Asked { context, ..asked }));
}

/// Changes the context there is.
fn change(state: &Snapshot, with: impl FnOnce(&mut BuildContext)) {
    let mut context = state.drawn.asked.context.clone().unwrap_or_default();
    with(&mut context);
    put(state, Some(context));
}

/// What goes to the builder, and what else can be looked at.
fn head(state: &Snapshot, transfer: &Transfer, take: Callback<BuildContext>) -> Html {
    let context = state.drawn.asked.context.as_ref();
    let files = context.and_then(|context| context.files.as_deref()).unwrap_or_default();
    let counted = |is_it: &dyn Fn(usize) -> bool| {
        let of_it = files.iter().enumerate().filter(|(at, file)| !file.is_directory() && is_it(*at));
        of_it.fold((0usize, 0u64), |(n, bytes), (_, file)| (n + 1, bytes + file.size.unwrap_or_default()))
    };
    let fate = |at: usize| transfer.fates.get(at).copied().unwrap_or_default();
    let (n_all, all) = counted(&|_| true);
    let (n_sent, sent) = counted(&|at| fate(at).sent);
    let (n_ignored, _) = counted(&|at| fate(at).ignored);
    let (n_waste, waste) = counted(&|at| fate(at).sent && !fate(at).taken);
    let forget = {
        let state = state.clone();
        move |_| put(&state, None)
    };
    let asked = match &transfer.asked {
        None => "This build asks for nothing of the build context.".to_owned(),
        Some(queries::Context::Everything) => {
            "This build asks for everything that is not left out.".to_owned()
        }
        Some(queries::Context::Paths(paths)) => {
            format!("This build asks only for what its instructions name: {}.", listed(paths))
        }
    };
    html! {
        <>
            <div class="context-head">
                <h2 id="context-title">{"Build context"}<span class="note">{format!("{n_all} files, {}", bytes(all))}</span></h2>
                <div class="context-tools">
                    { chooser(state, take) }
                    <button class="control small" id="context-forget" onclick={forget}>{"Forget the files"}</button>
                </div>
            </div>
            if context.is_some_and(|context| context.is_partial) {
                <p class="context-notice">
                    {format!("The folder has more than {MAX_FILES} files; those nearest its top are listed, and nothing is said to be missing.")}
                </p>
            }
            if state.lens.legacy {
                <p class="context-notice">{"This is what BuildKit gets. The legacy builder is sent everything that is not left out."}</p>
            }
            if let Some((line, message)) = &transfer.refusal {
                <p class="refusal" role="status">
                    {format!("No build begins: line {line} of .dockerignore cannot be read ({message}).")}
                </p>
            }
            <p class="summary">
                if transfer.refusal.is_some() { {"Without that line: "} }
                if n_all > 0 { <b>{format!("{n_sent} of {n_all} files go to the builder, {}.", bytes(sent))}</b>{" "} }
                {asked}
                if n_ignored > 0 {
                    {format!(" {n_ignored} {} left out by .dockerignore.", if n_ignored == 1 { "is" } else { "are" })}
                }
                if n_waste > 0 { <span class="waste">{format!(" {n_waste} of those that go, {}, no instruction takes.", bytes(waste))}</span> }
            </p>
        </>
    }
}

/// The first few of some paths.
fn listed(paths: &[String]) -> String {
    const MAX: usize = 6;
    let first = paths.iter().take(MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
    match paths.len().saturating_sub(MAX) {
        0 => first,
        n_more => format!("{first} and {n_more} more"),
    }
}

/// The instructions that take from it, each with what it gets.
fn takers(state: &Snapshot, transfer: &Transfer) -> Html {
    if transfer.takers.is_empty() {
        return html! { <p class="hint">{"No instruction of this target takes anything from the build context."}</p> };
    }
    let is_partial = state.drawn.asked.context.as_ref().is_some_and(|context| context.is_partial);
    let row = |taken: &Taken| {
        let verb = match taken.taker.kind {
            EdgeKind::Base => "FROM",
            EdgeKind::Copy => "takes",
            EdgeKind::Mount => "mounts",
        };
        let sources = taken.taker.selections.iter().zip(&taken.sources).map(|(selection, source)| {
            let name = if selection.source.is_empty() { "everything" } else { &selection.source };
            let class = match source.outcome {
                Outcome::Takes => None,
                Outcome::Nothing => Some("nothing"),
                Outcome::Fails { .. } => Some("fails"),
            };
            let words = match &source.outcome {
                Outcome::Takes if source.n_files == 0 && is_partial => {
                    "not among the listed files".to_owned()
                }
                Outcome::Takes if source.n_files == 0 => "the directory, with no files in it".to_owned(),
                Outcome::Takes => format!("{}, {}", counted(source.n_files), bytes(source.bytes)),
                Outcome::Nothing => "nothing fits, so nothing is copied; that is no error".to_owned(),
                Outcome::Fails { message, ignored: Some((line, pattern)), .. } => {
                    format!("fails: line {line} of .dockerignore, {pattern}, leaves it out. {message}")
                }
                Outcome::Fails { message, .. } => format!("fails: {message}"),
            };
            html! { <li {class}><code>{name}</code>{" "}<span class="outcome">{words}</span></li> }
        });
        html! {
            <li>
                <span class="who">{"line "}{ line_button(state, taken.taker.at.stage, taken.taker.at.step) }{" "}{verb}</span>
                <ul>{ for sources }</ul>
            </li>
        }
    };
    html! { <ul class="takers">{ for transfer.takers.iter().map(row) }</ul> }
}

fn counted(n_files: usize) -> String {
    if n_files == 1 { "1 file".to_owned() } else { format!("{n_files} files") }
}

/// A size as people say it.
fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 3] = ["kB", "MB", "GB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut size = bytes as f64 / 1000.0;
    let mut unit = 0;
    while size >= 999.5 && unit + 1 < UNITS.len() {
        size /= 1000.0;
        unit += 1;
    }
    match size < 9.95 {
        true => format!("{size:.1} {}", UNITS[unit]),
        false => format!("{size:.0} {}", UNITS[unit]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded() {
        let rows = [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (9_940, "9.9 kB"),
            (9_960, "10 kB"),
            (999_400, "999 kB"),
            (999_600, "1.0 MB"),
            (2_500_000_000, "2.5 GB"),
            (2_000_000_000_000, "2000 GB"),
        ];
        for (size, words) in rows {
            assert_eq!(bytes(size), words);
        }
    }
}
