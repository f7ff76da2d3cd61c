//! What came of a build, beside what was foretold: errors, steps, paths, sizes, and the files of its stages.

use std::rc::Rc;

use dockerfile::queries::size_estimate;
use progress::options;
use progress::verdict::{Cache, ComparedPath, ComparedStep, Comparison, Subject, Told, Verdict, compare};
use protocol::build::{End, FileEntry, Outcome as Ended, Recording, StageSize};
use yew::platform::spawn_local;
use yew::prelude::*;

use super::counted;
use super::steps::{measured, word};
use crate::browser::{events, files, server};
use crate::building::{Happening, Listing, Run, Server, archive, is_of};
use crate::panels::Props;
use crate::panels::image::line_button;
use crate::state::{Action, Snapshot};

/// More rows slow the page down.
const MAX_SHOWN: usize = 200;
/// The platform of an engine that does not say.
const PLATFORM: &str = "linux/amd64";

#[component]
pub(super) fn Outcome(props: &Props) -> Html {
    let state = &props.state;
    let run = state.building.run.as_ref();
    let key = run.map(|run| (run.progress.last, run.files.clone(), run.request.clone()));
    let comparison = use_memo(key, |_| run.filter(|run| run.progress.outcome().is_some()).map(compared));
    let Some(run) = run else { return Html::default() };
    let Some(ended) = run.progress.outcome() else { return Html::default() };
    let save = {
        let run = run.clone();
        move |_| {
            let recording = Recording { request: (*run.request).clone(), events: run.events() };
            files::save("build.ndjson", "application/x-ndjson", &recording.to_text());
        }
    };
    html! {
        <div class="build-outcome">
            { failure(state, run, ended) }
            if let Some(comparison) = &*comparison { { verdict(state, run, comparison) } }
            { sizes(run) }
            <Stages state={state.clone()} />
            <p><button class="control small" onclick={save}>{"Save this build"}</button>
                <span class="note">{" with all that happened, to be opened again here, or to show a difference to somebody"}</span></p>
        </div>
    }
}

fn compared(run: &Run) -> Comparison {
    let options = options(&run.request, PLATFORM);
    let target = run.target();
    let files = target.and_then(|target| match run.files.get(&target.0) {
        Some(Listing::Done(list)) => Some(list.clone()),
        Some(Listing::Asked | Listing::Failed(_)) | None => None,
    });
    let cache = match (&run.forecast, run.request.no_cache) {
        (_, true) => Cache::Unused,
        (Some(forecast), false) => Cache::Foretold(forecast),
        (None, false) => Cache::Unknown,
    };
    let subject = Subject {
        dockerfile: &run.request.dockerfile,
        target: run.request.target.as_deref(),
        options: &options,
        context: run.built.asked.context.as_ref(),
        legacy: run.request.legacy,
    };
    compare(subject, &run.progress, cache, files.as_deref())
}

/// Why it did not succeed.
fn failure(state: &Snapshot, run: &Run, ended: &Ended) -> Html {
    let Some(failure) = &ended.failure else { return Html::default() };
    let line = failure.lines.map(|lines| lines.first);
    let place = line.and_then(|line| run.built.step_at(line)).filter(|_| is_of(run, &state.drawn));
    html! {
        <div class="build-problem" role="alert">
            <p>
                if let Some((stage, row)) = place { { line_button(state, stage, row) } } else if let Some(line) = line { {format!("Line {line}: ")} }
                <b>{&failure.message}</b>
                if let Some(code) = failure.exit_code { <span class="tag warn">{format!("exit code {code}")}</span> }
            </p>
            if let Some(help) = &failure.help { <p>{help}</p> }
        </div>
    }
}

/// What was foretold, and whether it came true.
fn verdict(state: &Snapshot, run: &Run, comparison: &Comparison) -> Html {
    if let Some(message) = &comparison.refused {
        return html! {
            <section aria-labelledby="verdict-title">
                <h2 id="verdict-title">{"Foretold and seen"}</h2>
                <p>{format!("Foretold was that it is refused: {message}")}</p>
            </section>
        };
    }
    let n = comparison.n_differences();
    let steps = comparison.n_steps(Verdict::Agrees);
    let paths = comparison.n_paths(Verdict::Agrees);
    let open = comparison.n_steps(Verdict::Open);
    let mut sentence = match n {
        0 => format!("As foretold: {}", counted(steps, "instruction")),
        1 => format!("1 difference; as foretold: {}", counted(steps, "instruction")),
        n => format!("{n} differences; as foretold: {}", counted(steps, "instruction")),
    };
    if paths > 0 {
        sentence += &format!(" and {}", counted(paths, "path"));
    }
    sentence.push('.');
    if open > 0 {
        sentence += &format!(" {} did not come to it.", counted(open, "instruction"));
    }
    let differing: Vec<&ComparedStep> =
        comparison.steps.iter().filter(|step| step.verdict == Verdict::Differs).collect();
    let (wrong, guessed): (Vec<&ComparedPath>, Vec<&ComparedPath>) = comparison
        .paths
        .iter()
        .filter(|path| path.verdict() != Verdict::Agrees)
        .partition(|path| path.verdict() == Verdict::Differs);
    let step = |it: &&ComparedStep| {
        let place =
            it.place.and_then(|place| run.built.step_at(place.line)).filter(|_| is_of(run, &state.drawn));
        html! {
            <tr class="differs">
                <td>{ place.map(|(stage, row)| line_button(state, stage, row)).unwrap_or_default() }</td>
                <td><code>{&it.name}</code></td>
                <td>{told_word(it.told)}</td>
                <td>{it.seen.map_or("no step of the build", word)}</td>
            </tr>
        }
    };
    let path = |it: &&ComparedPath| {
        let place =
            it.place.and_then(|place| run.built.step_at(place.line)).filter(|_| is_of(run, &state.drawn));
        let there = |is_there: bool| if is_there { "in the image" } else { "not in the image" };
        html! {
            <tr class={if it.verdict() == Verdict::Differs { "differs" } else { "guessed" }}>
                <td>{ place.map(|(stage, row)| line_button(state, stage, row)).unwrap_or_default() }</td>
                <td><code>{&it.path}</code></td>
                <td>{ if it.verdict() == Verdict::Differs { there(it.told).to_owned() } else { format!("likely {}", there(it.told)) } }</td>
                <td>{there(it.seen)}</td>
            </tr>
        }
    };
    let is_listed =
        run.target().is_some_and(|target| matches!(run.files.get(&target.0), Some(Listing::Done(_))));
    html! {
        <section aria-labelledby="verdict-title">
            <h2 id="verdict-title">{"Foretold and seen"}</h2>
            <p class={classes!("verdict", if n == 0 { "good" } else { "bad" })} role="status">{sentence}</p>
            if !differing.is_empty() || !wrong.is_empty() || !guessed.is_empty() {
                <table class="compared">
                    <thead><tr><th scope="col">{"Line"}</th><th scope="col">{"What"}</th><th scope="col">{"Foretold"}</th><th scope="col">{"Seen"}</th></tr></thead>
                    <tbody>
                        { for differing.iter().take(MAX_SHOWN).map(step) }
                        { for wrong.iter().take(MAX_SHOWN).map(path) }
                        { for guessed.iter().take(MAX_SHOWN).map(path) }
                    </tbody>
                </table>
            }
            if is_listed && comparison.n_unforetold > 0 {
                <p class="hint">{format!("{} more are in the image of which nothing was foretold: the base image brings them, or a RUN that may write anything.", counted(comparison.n_unforetold, "file"))}</p>
            } else if !is_listed && run.id.is_some() && succeeded(run) && !run.request.legacy {
                <p class="hint">{"List the files of the image below to hold them against the ledger too."}</p>
            }
            if run.forecast.is_none() && !run.request.no_cache && !run.request.legacy {
                <p class="hint">{"Nothing was foretold of the cache: what is in it before the first build here, nobody knows."}</p>
            }
        </section>
    }
}

fn succeeded(run: &Run) -> bool {
    run.progress.outcome().is_some_and(|ended| ended.end == End::Succeeded)
}

fn told_word(told: Told) -> &'static str {
    match told {
        Told::Step => "a step of the build",
        Told::Runs => "runs",
        Told::Cached => "cached",
        Told::Setting => "no step: it changes settings alone",
        Told::NotNeeded => "not needed",
        Told::Nothing => "nothing",
    }
}

/// What stages really weigh, beside the estimates.
fn sizes(run: &Run) -> Html {
    let sizes = &run.progress.sizes;
    let Some(cut) = run.cut().filter(|_| !sizes.is_empty()) else { return Html::default() };
    let estimate = size_estimate(&run.built.graph, &cut);
    let estimated = |stage: usize| {
        let of_stage = |it: &&dockerfile::queries::StageSize| it.stage.0 == stage;
        Some(&estimate.image)
            .into_iter()
            .chain(estimate.single_stage.as_ref())
            .find(of_stage)
            .map(|it| it.total.to_string())
    };
    let row = |size: &StageSize| {
        let name = run.built.graph.stages.get(size.stage).map(|stage| stage.display_name());
        html! {
            <tr>
                <th scope="row">{ name.unwrap_or_default() }{ if size.stage == cut.target.0 { " (the image)" } else { "" } }</th>
                <td>{ estimated(size.stage).unwrap_or_else(|| "–".to_owned()) }</td>
                <td>{ size.bytes.map_or_else(|| "not told".to_owned(), measured) }</td>
                <td>{ size.download.map_or_else(|| "not told".to_owned(), measured) }</td>
            </tr>
        }
    };
    let layers = sizes.get(&cut.target.0).map(|size| &size.layers[..]).unwrap_or_default();
    html! {
        <section aria-labelledby="sizes-title">
            <h2 id="sizes-title">{"Sizes"}</h2>
            <table class="sizes">
                <thead><tr><th scope="col">{"Stage"}</th><th scope="col">{"Estimated"}</th><th scope="col">{"Unpacked"}</th><th scope="col">{"To download"}</th></tr></thead>
                <tbody>{ for sizes.values().map(row) }</tbody>
            </table>
            if !layers.is_empty() {
                <details>
                    <summary>{format!("Its {}", counted(layers.len(), "layer"))}</summary>
                    <table class="sizes">
                        <tbody>{ for layers.iter().rev().take(MAX_SHOWN).map(|layer| html! {
                            <tr>
                                <td>{ layer.place.map(|place| format!("line {}", place.line)).unwrap_or_default() }</td>
                                <td><code>{&layer.created_by}</code></td>
                                <td>{measured(layer.bytes)}</td>
                            </tr>
                        }) }</tbody>
                    </table>
                </details>
            }
        </section>
    }
}

/// The files of any stage that was built.
#[component]
fn Stages(props: &Props) -> Html {
    let state = &props.state;
    let chosen = use_state(|| None::<usize>);
    let Some(run) = &state.building.run else { return Html::default() };
    let can = matches!(&state.building.server, Server::There(health) if health.abilities.files);
    let (Some(id), Some(cut), true) = (run.id.clone(), run.cut(), can) else { return Html::default() };
    if !succeeded(run) || run.request.legacy {
        return Html::default();
    }
    let stage = chosen.unwrap_or(cut.target.0);
    let choose = {
        let chosen = chosen.clone();
        move |event: Event| chosen.set(events::selected(&event).parse().ok())
    };
    let list = {
        let (dispatch, id) = (state.dispatcher(), id.clone());
        move |_| {
            let (dispatch, id) = (dispatch.clone(), id.clone());
            dispatch.dispatch(Action::Build(Happening::Files(stage, Listing::Asked)));
            spawn_local(async move {
                let listing = match server::files(&id, stage).await {
                    Ok(list) => Listing::Done(Rc::new(list)),
                    Err(problem) => Listing::Failed(problem.title.into()),
                };
                dispatch.dispatch(Action::Build(Happening::Files(stage, listing)));
            });
        }
    };
    let needed = cut.stages.iter().filter(|it| it.needed).map(|it| it.stage.0);
    html! {
        <section aria-labelledby="stage-files-title">
            <h2 id="stage-files-title">{"Files"}</h2>
            <p class="offers">
                <select class="control small" aria-label="Stage" onchange={choose}>
                    { for needed.map(|it| html! {
                        <option value={it.to_string()} selected={it == stage}>{run.built.graph.stages[it].display_name()}</option>
                    }) }
                </select>
                <button class="control small" onclick={list}>{"List its files"}</button>
                <a class="control small" href={archive(&state.building.base, &id, stage, "/")} download="stage.tar">{"Download them"}</a>
            </p>
            { match run.files.get(&stage) {
                None => Html::default(),
                Some(Listing::Asked) => html! { <p class="hint" role="status">{"Asking…"}</p> },
                Some(Listing::Failed(sentence)) => html! { <p class="refusal" role="alert">{sentence.to_string()}</p> },
                Some(Listing::Done(list)) => html! { <Listed base={state.building.base.clone()} {id} {stage} entries={list.entries.clone()} partial={list.partial} /> },
            } }
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct ListedProps {
    base: Rc<str>,
    id: Rc<str>,
    stage: usize,
    entries: Vec<FileEntry>,
    partial: bool,
}

#[component]
fn Listed(props: &ListedProps) -> Html {
    let ListedProps { base, id, stage, entries, partial } = props;
    let wanted = use_state(String::new);
    let search = {
        let wanted = wanted.clone();
        move |event: InputEvent| wanted.set(events::text(&event))
    };
    let needle = wanted.to_lowercase();
    let found: Vec<&FileEntry> = entries
        .iter()
        .filter(|it| it.kind != "directory" && it.path.to_lowercase().contains(&needle))
        .collect();
    html! {
        <>
            <input class="control small" type="search" placeholder="Find a path" aria-label="Find a path" oninput={search} />
            <span class="note" role="status">{format!(" {}{}", counted(found.len(), "file"), if *partial { ", and there are more" } else { "" })}</span>
            <table class="stage-files">
                <tbody>{ for found.iter().take(MAX_SHOWN).map(|it| html! {
                    <tr>
                        <td><code>{&it.path}</code>{ it.link.as_ref().map(|to| format!(" → {to}")).unwrap_or_default() }</td>
                        <td>{ it.size.map(measured).unwrap_or_default() }</td>
                        <td>{ it.mode.clone().unwrap_or_default() }</td>
                        <td>if it.kind == "file" { <a href={archive(base, id, *stage, &it.path)} download="file.tar">{"Download"}</a> }</td>
                    </tr>
                }) }</tbody>
            </table>
            if found.len() > MAX_SHOWN { <p class="hint">{format!("And {} more; look for one by its name.", found.len() - MAX_SHOWN)}</p> }
        </>
    }
}
