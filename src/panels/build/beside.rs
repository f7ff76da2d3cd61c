//! The build that is shown beside another one: what became of each instruction, how long it took, what it weighs.

use std::collections::BTreeSet;
use std::rc::Rc;

use progress::beside::{Build, Half, Pair, Sum, beside};
use progress::fold::Progress;
use protocol::build::{EngineName, Recording, StepState};
use yew::platform::spawn_local;
use yew::prelude::*;

use super::steps::{class, measured, word};
use super::{counted, end_word, engine_words};
use crate::browser::{events, fetch, files, server};
use crate::building::{Happening, Listing, RECORDINGS, Run, Server, is_of, time};
use crate::panels::Props;
use crate::panels::image::line_button;
use crate::state::{Action, Notice, Snapshot};

/// More rows slow the page down.
const MAX_SHOWN: usize = 300;

#[component]
pub(super) fn Beside(props: &Props) -> Html {
    let state = &props.state;
    let all = use_state(|| false);
    let now = state.building.run.as_ref().filter(|run| run.outcome_of_all().is_some());
    let then = state.building.beside();
    // The two builds are over, so that the lists are made once.
    let key = now.zip(then).map(|(now, then)| (now.id.clone(), now.length(), now.n_events(), then.clone()));
    let held = use_memo(key, |_| Some(held(then?, now?)));
    let Some(now) = now else { return Html::default() };
    html! {
        <section class="beside" aria-labelledby="beside-title">
            <h2 id="beside-title">{"Beside another build"}</h2>
            { choice(state, then) }
            if let Some((then, held)) = then.zip(held.as_ref().as_ref()) {
                { sums(then, now, held) }
                { table(state, then, now, held, &all) }
                { files_of(then, now) }
            }
        </section>
    }
}

/// Two builds beside each other.
struct Held {
    pairs: Vec<Pair>,
    sums: [Sum; 2],
    engines: [Option<EngineName>; 2],
    /// Unpacked bytes of the images.
    bytes: [Option<u64>; 2],
}

fn held(then: &Run, now: &Run) -> Held {
    // All of them, whatever moment is looked at.
    let whole = |run: &Run| Progress::of(&run.events());
    let (progress_then, progress_now) = (whole(then), whole(now));
    let bytes = |run: &Run, progress: &Progress| progress.sizes.get(&run.target()?.0)?.bytes;
    let bytes = [bytes(then, &progress_then), bytes(now, &progress_now)];
    let engines = [progress_then.engine.clone(), progress_now.engine.clone()];
    let then = Build { graph: &then.built.graph, progress: &progress_then };
    let now = Build { graph: &now.built.graph, progress: &progress_now };
    Held { pairs: beside(then, now), sums: [Sum::of(then), Sum::of(now)], engines, bytes }
}

/// A build in a few words, to be told from others.
fn title(run: &Run) -> String {
    let target = run.target().and_then(|target| run.built.graph.stages.get(target.0));
    let end = run.outcome_of_all().map_or("broken off", |outcome| end_word(outcome.end));
    let name = target.map_or_else(|| "no target".to_owned(), |stage| stage.display_name());
    let no_cache = if run.request.no_cache { ", every step" } else { "" };
    format!("{name}, {end} in {}{no_cache}", time(run.length()))
}

/// Which one it is held beside, and how another comes here.
fn choice(state: &Snapshot, then: Option<&Rc<Run>>) -> Html {
    let others: Vec<(usize, &Rc<Run>)> = state.building.others().collect();
    let choose = {
        let dispatch = state.dispatcher();
        move |event: Event| {
            if let Ok(nth) = events::selected(&event).parse() {
                dispatch.dispatch(Action::Build(Happening::Beside(nth)));
            }
        }
    };
    let open = {
        let state = state.clone();
        move |event: Event| {
            let state = state.clone();
            files::chosen(&event, move |all| {
                let text = all.into_iter().next().and_then(|(_, text)| text);
                take(&state, &text.unwrap_or_default());
            });
        }
    };
    html! {
        <div class="offers">
            if others.is_empty() {
                <p class="hint">{"Build again after an edit, and this build stands beside the new one: what ran then and comes from the cache now, and what that saved. Or take one that was saved:"}</p>
            } else {
                <label class="then">{"Then: "}
                    <select class="control small" onchange={choose}>
                        { for others.iter().map(|(nth, run)| html! {
                            <option value={nth.to_string()} selected={then.is_some_and(|then| Rc::ptr_eq(then, run))}>{title(run)}</option>
                        }) }
                    </select>
                </label>
            }
            <label class="control small file">{"A saved build"}<input class="visually-hidden" type="file" accept=".ndjson" onchange={open} /></label>
            if matches!(state.building.server, Server::There(_)) {
                <Linked state={state.clone()} />
            } else {
                { for RECORDINGS.iter().map(|(file, title)| {
                    let state = state.clone();
                    let onclick = move |_| {
                        let state = state.clone();
                        spawn_local(async move {
                            match fetch::text(&format!("recordings/{file}"), "").await {
                                Ok(text) => take(&state, &text),
                                Err(text) => state.dispatch(Action::Tell(Notice { text, is_error: true })),
                            }
                        });
                    };
                    html! { <button class="control small" {onclick}>{*title}</button> }
                }) }
            }
        </div>
    }
}

fn take(state: &Snapshot, text: &str) {
    state.dispatch(match Recording::from_text(text) {
        Ok(Recording { request, events }) => {
            Action::Build(Happening::Fetched(None, Rc::new(request), events))
        }
        Err(text) => Action::Tell(Notice { text, is_error: true }),
    });
}

/// A build of the server's, by its link.
#[component]
fn Linked(props: &Props) -> Html {
    let state = &props.state;
    let link = use_state(String::new);
    let input = {
        let link = link.clone();
        move |event: InputEvent| link.set(events::text(&event))
    };
    let submit = {
        let (state, link) = (state.clone(), link.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            let Some(id) = id_of(&link) else {
                let text = "That is no link to a build: it ends with /b/ and the name of one.".to_owned();
                state.dispatch(Action::Tell(Notice { text, is_error: true }));
                return;
            };
            let (state, id) = (state.clone(), id.to_owned());
            spawn_local(async move {
                let found = async { Ok((server::record(&id).await?, server::events(&id).await?)) };
                state.dispatch(match found.await {
                    Ok((record, events)) => {
                        let request = Rc::new(record.request);
                        Action::Build(Happening::Fetched(Some(record.id), request, events))
                    }
                    Err(protocol::build::Problem { title: text, .. }) => {
                        Action::Tell(Notice { text, is_error: true })
                    }
                });
            });
        }
    };
    html! {
        <form class="linked" onsubmit={submit}>
            <input class="control small" type="text" placeholder="Link to a build" aria-label="Link to a build" value={(*link).clone()} oninput={input} />
            <button class="control small">{"Hold it beside"}</button>
        </form>
    }
}

/// The name of a build in a link to it.
fn id_of(link: &str) -> Option<&str> {
    let (_, id) = link.trim().rsplit_once("/b/")?;
    let id = id.split(['?', '#', '/']).next()?;
    let is_plain = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
    (!id.is_empty() && id.chars().all(is_plain)).then_some(id)
}

/// The whole of it, in numbers.
fn sums(then: &Run, now: &Run, held: &Held) -> Html {
    let [sum_then, sum_now] = held.sums;
    let size = held.bytes[0].zip(held.bytes[1]);
    let [engine_then, engine_now] = held.engines.each_ref().map(|it| it.as_ref().map(engine_words));
    let engines = engine_then.zip(engine_now).filter(|(then, now)| then != now);
    let row = |name: &str, then: String, now: String| {
        html! { <tr><th scope="row">{name.to_owned()}</th><td>{then}</td><td>{now}</td></tr> }
    };
    html! {
        <table class="sizes sums">
            <thead><tr><td></td><th scope="col">{"Then"}</th><th scope="col">{"Now"}</th></tr></thead>
            <tbody>
                if let Some((then, now)) = engines { { row("Engine", then, now) } }
                { row("Time", time(then.length()), time(now.length())) }
                { row("Steps that ran", sum_then.ran.to_string(), sum_now.ran.to_string()) }
                { row("From the cache", sum_then.cached.to_string(), sum_now.cached.to_string()) }
                if let Some((then, now)) = size { { row("The image, unpacked", measured(then), measured(now)) } }
            </tbody>
        </table>
    }
}

fn table(state: &Snapshot, then: &Run, now: &Run, held: &Held, all: &UseStateHandle<bool>) -> Html {
    let n_same = held.pairs.iter().filter(|pair| pair.is_same()).count();
    let shown = held.pairs.iter().filter(|pair| **all || !pair.is_same());
    let shown: Vec<&Pair> = shown.take(MAX_SHOWN).collect();
    let longest =
        held.pairs.iter().flat_map(|pair| [pair.then, pair.now]).filter_map(took).max().unwrap_or(0);
    let switch = {
        let all = all.clone();
        move |_| all.set(!*all)
    };
    let (shown_then, shown_now) = (is_of(then, &state.drawn), is_of(now, &state.drawn));
    let row = |pair: &&Pair| {
        let place = match (pair.now, pair.then) {
            (Some(half), _) => shown_now.then_some((now, half)),
            (None, Some(half)) => shown_then.then_some((then, half)),
            (None, None) => None,
        };
        let place = place.and_then(|(run, half)| run.built.step_at(half.place.line));
        html! {
            <tr class={classes!((!pair.is_same()).then_some("other"))}>
                <td>{ place.map(|(stage, row)| line_button(state, stage, row)).unwrap_or_default() }</td>
                <td class="what">
                    <span class="stage-name">{&pair.stage}</span>{" "}<code>{&pair.name}</code>
                    if let Some(was) = &pair.was { <div class="was">{"then "}<code>{was}</code></div> }
                </td>
                { cell(pair.then, longest, "not in the file then") }
                { cell(pair.now, longest, "not in the file now") }
            </tr>
        }
    };
    html! {
        <>
            if n_same == held.pairs.len() {
                <p class="verdict good" role="status">{"The same became of every instruction."}</p>
            }
            if !shown.is_empty() {
                <table class="halves">
                    <thead><tr><th scope="col">{"Line"}</th><th scope="col">{"Instruction"}</th><th scope="col">{"Then"}</th><th scope="col">{"Now"}</th></tr></thead>
                    <tbody>{ for shown.iter().map(row) }</tbody>
                </table>
            }
            if n_same > 0 {
                <label class="check"><input type="checkbox" checked={**all} onchange={switch} />
                    {format!("Also {} of which the same became", counted(n_same, "instruction"))}
                </label>
            }
        </>
    }
}

/// How long an instruction took, in milliseconds.
fn took(half: Option<Half>) -> Option<u64> {
    let row = half?.row?;
    row.duration(row.ended?)
}

fn cell(half: Option<Half>, longest: u64, missing: &'static str) -> Html {
    let Some(half) = half else { return html! { <td class="half none">{missing}</td> } };
    let Some(row) = half.row else { return html! { <td class="half none">{"not run"}</td> } };
    let took = took(Some(half)).filter(|_| row.state != StepState::Cached);
    let width = took.filter(|_| longest > 0).map(|took| took as f64 / longest as f64 * 100.0);
    html! {
        <td class={classes!("half", class(row.state))}>
            <span class="state"><span>{word(row.state)}</span></span>
            if let Some(took) = took { <span class="took">{format!(" {}", time(took))}</span> }
            if let Some(width) = width { <span class="bar" style={format!("width:{width:.1}%")}></span> }
        </td>
    }
}

/// The files that only one of the images has, if both were listed.
fn files_of(then: &Run, now: &Run) -> Html {
    let list = |run: &Run| match run.files.get(&run.target()?.0)? {
        Listing::Done(list) => {
            let paths = list.entries.iter().filter(|it| it.kind != "directory").map(|it| it.path.clone());
            Some((paths.collect::<BTreeSet<String>>(), list.partial))
        }
        Listing::Asked | Listing::Failed(_) => None,
    };
    let Some(((then, cut_then), (now, cut_now))) = list(then).zip(list(now)) else { return Html::default() };
    if cut_then || cut_now {
        return html! { <p class="hint">{"The lists of files are not whole, so they are not held beside each other."}</p> };
    }
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>, title: &str| {
        let paths: Vec<&String> = a.difference(b).collect();
        html! {
            if !paths.is_empty() {
                <details>
                    <summary>{format!("{} only {title}", counted(paths.len(), "file"))}</summary>
                    <ul class="plain">{ for paths.iter().take(MAX_SHOWN).map(|path| html! { <li><code>{path.to_string()}</code></li> }) }</ul>
                    if paths.len() > MAX_SHOWN { <p class="hint">{format!("And {} more.", paths.len() - MAX_SHOWN)}</p> }
                </details>
            }
        }
    };
    html! {
        <>
            if then == now { <p>{"The same files are in both images."}</p> }
            { only(&then, &now, "then") }
            { only(&now, &then, "now") }
        </>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_names_a_build() {
        assert_eq!(id_of("http://localhost:8080/b/aB3-x_9"), Some("aB3-x_9"));
        assert_eq!(id_of(" https://x.example/play/b/abc?y#z "), Some("abc"));
        assert_eq!(id_of("https://x.example/s/abc"), None);
        assert_eq!(id_of("/b/"), None);
        assert_eq!(id_of("/b/a b"), None);
    }
}
