//! The artifact ledger: what is known to be in the image, the way each path came, and what is left behind.

use std::collections::BTreeSet;

use dockerfile::queries::ledger::{
    At, Certainty, Entry, Ledger, LeftBehind, Making, Node, NodeId, Package, Place, Shape,
};
use dockerfile::queries::source_words;
use dockerfile::stages::StageGraph;
use yew::prelude::*;

use super::Props;
use super::image::line_button;
use crate::browser::events;
use crate::state::{Action, Snapshot, State, Thing};

/// More rows than this are counted, not shown.
const MAX_ROWS: usize = 400;
/// How many steps back are unfolded.
const MAX_DEPTH: usize = 12;
/// Shorter lists need no filter.
const MIN_FILTERED: usize = 8;

#[component]
pub(crate) fn Files(props: &Props) -> Html {
    let state = &props.state;
    let Some(ledger) = state.ledger() else {
        return html! { <p class="hint">{"There is no target, so there is no image."}</p> };
    };
    html! {
        <div class="files-panel">
            <section aria-labelledby="files-image"><Paths state={state.clone()} /></section>
            <section aria-labelledby="files-way" aria-live="polite">{ way(state, ledger) }</section>
            <section aria-labelledby="files-behind">{ behind(state, ledger) }</section>
        </div>
    }
}

#[component]
fn Paths(props: &Props) -> Html {
    let state = &props.state;
    let filter = use_state(String::new);
    let Some(ledger) = state.ledger() else { return html! {} };
    let oninput = {
        let filter = filter.clone();
        move |event: InputEvent| filter.set(events::text(&event))
    };
    // What the line that the pointer or the cursor is on has a part in.
    let through: BTreeSet<usize> = match state.lit() {
        Some(Thing::Step(stage, step)) => ledger.entries_through(*stage, *step).into_iter().collect(),
        Some(Thing::Stage(_) | Thing::Source(_) | Thing::Path(_) | Thing::Edge(_)) | None => BTreeSet::new(),
    };
    let wanted = filter.to_lowercase();
    let found: Vec<(usize, &Entry, &Node)> = ledger
        .entries
        .iter()
        .enumerate()
        .filter_map(|(index, entry)| Some((index, entry, ledger.node(entry.node)?)))
        .filter(|(_, _, node)| node.path.to_lowercase().contains(&wanted))
        .collect();
    html! {
        <>
            <h2 id="files-image">{"In the image"}<span class="note">{ledger.entries.len()}</span></h2>
            if ledger.entries.len() >= MIN_FILTERED {
                <input class="filter" type="search" placeholder="Filter paths" aria-label="Filter paths" value={(*filter).clone()} {oninput} />
            }
            if found.is_empty() {
                <p class="hint">{ if ledger.entries.is_empty() { "Nothing is known to be in it." } else { "No path matches." } }</p>
            }
            <ul class="paths">
                { for found.iter().take(MAX_ROWS).map(|(index, entry, node)| path_row(state, ledger, entry, node, through.contains(index))) }
            </ul>
            if found.len() > MAX_ROWS {
                <p class="hint">{format!("and {} more", found.len() - MAX_ROWS)}</p>
            }
            { packages("Packages in it", state, &ledger.packages) }
            if !ledger.opaque.is_empty() {
                <p class="hint">
                    {"What these lines write cannot be told: "}
                    { for ledger.opaque.iter().map(|at| line_button(state, at.stage, at.step)) }
                </p>
            }
        </>
    }
}

fn path_row(state: &Snapshot, ledger: &Ledger, entry: &Entry, node: &Node, is_lit: bool) -> Html {
    let thing = Thing::Path(node.path.as_str().into());
    let is_selected = state.selected.as_ref() == Some(&thing);
    let class = classes!(
        "path",
        is_lit.then_some("lit"),
        (entry.overwritten_by.is_some() || entry.removed_by.is_some() || ledger.is_missing(entry.node))
            .then_some("gone")
    );
    let (onclick, onmouseenter, onmouseleave) = {
        let dispatch = state.dispatcher();
        let (click, enter) = (thing.clone(), thing);
        let (to_click, to_enter) = (dispatch.clone(), dispatch.clone());
        (
            move |_: MouseEvent| to_click.dispatch(Action::Select(click.clone())),
            move |_: MouseEvent| to_enter.dispatch(Action::Hover(Some(enter.clone()))),
            move |_: MouseEvent| dispatch.dispatch(Action::Hover(None)),
        )
    };
    let certainty = ledger.certainty(entry.node);
    html! {
        <li>
            <button {class} aria-pressed={is_selected.to_string()} {onclick} {onmouseenter} {onmouseleave}>
                {mark(certainty)}
                { match base_of(state, node) {
                    Some(base) => html! { <span class="base-words">{format!("everything in {base}")}</span> },
                    None => html! { <code>{shown(node)}</code> },
                } }
                <span class="note">{ origin_words(state, ledger, entry) }</span>
            </button>
        </li>
    }
}

/// The base whose files are all in the image, if that is what an entry stands for.
fn base_of(state: &State, node: &Node) -> Option<String> {
    match node.place {
        Place::Source(source) if node.path == "/" => Some(source_words(&state.drawn.graph.sources[source.0])),
        Place::Source(_) | Place::Stage(_) | Place::Heredoc(_) => None,
    }
}

/// Where an entry came from, in a few words.
fn origin_words(state: &State, ledger: &Ledger, entry: &Entry) -> String {
    let graph = &state.drawn.graph;
    let line = |at: At| graph.stages[at.stage.0].steps.get(at.step).map_or(0, |step| step.lines.first);
    let mut words = format!("line {}", line(entry.at));
    if ledger.is_missing(entry.node) {
        words += ", but nothing makes it";
    } else if let Some(at) = entry.removed_by {
        words += &format!(", removed in {}", line(at));
    } else if let Some(at) = entry.overwritten_by {
        words += &format!(", replaced in {}", line(at));
    } else if let Some(at) = entry.changed_by.first() {
        words += &format!(", changed in {}", line(*at));
    }
    words
}

/// A sign for how sure it is, with the word for those who cannot see it.
fn mark(certainty: Certainty) -> Html {
    let (class, word) = match certainty {
        Certainty::Certain => ("certain", "certain"),
        Certainty::Likely => ("likely", "likely"),
        Certainty::Unknown => ("unknown", "unknown"),
    };
    html! { <span class={classes!("mark", class)} title={word} role="img" aria-label={word} /> }
}

fn shown(node: &Node) -> String {
    match node.shape {
        Shape::Tree if node.path == "/" => "everything".to_owned(),
        Shape::Tree => format!("{}/…", node.path),
        Shape::Directory if node.path != "/" => format!("{}/", node.path),
        Shape::File | Shape::Directory | Shape::Either | Shape::Pattern => node.path.clone(),
    }
}

/// The whole way back of the path that is selected.
fn way(state: &Snapshot, ledger: &Ledger) -> Html {
    let path = match state.lit() {
        Some(Thing::Path(path)) => Some(path),
        Some(Thing::Step(..) | Thing::Stage(_) | Thing::Source(_) | Thing::Edge(_)) | None => None,
    };
    let entry = path.and_then(|path| ledger.entry_at(path));
    html! {
        <>
            <h2 id="files-way">{"How it got there"}</h2>
            { match entry.and_then(|entry| ledger.node(entry.node).map(|node| (entry, node))) {
                Some((entry, node)) => html! {
                    <>
                        <p class="why plain">{format!("{}.", ledger.describe(&state.drawn.graph, entry.node))}</p>
                        <ol class="way">{ step_back(state, ledger, entry.node, node, &mut BTreeSet::new(), 0) }</ol>
                    </>
                },
                None => html! { <p class="hint">{"Choose a path: its way lights up in the text and in the picture."}</p> },
            } }
        </>
    }
}

fn step_back(
    state: &Snapshot,
    ledger: &Ledger,
    id: NodeId,
    node: &Node,
    seen: &mut BTreeSet<NodeId>,
    depth: usize,
) -> Html {
    let graph = &state.drawn.graph;
    let is_new = seen.insert(id);
    html! {
        <li>
            <code>{shown(node)}</code><span class="note">{place_words(graph, node.place)}</span>
            if !is_new && !node.makings.is_empty() {
                <span class="note">{"(see above)"}</span>
            } else if depth < MAX_DEPTH {
                { for node.makings.iter().map(|making| way_back(state, ledger, making, seen, depth)) }
            }
        </li>
    }
}

fn way_back(
    state: &Snapshot,
    ledger: &Ledger,
    making: &Making,
    seen: &mut BTreeSet<NodeId>,
    depth: usize,
) -> Html {
    let from: Vec<(NodeId, &Node)> =
        making.from.iter().filter_map(|id| Some((*id, ledger.node(*id)?))).collect();
    html! {
        <div class="making">
            {mark(making.certainty)}
            {line_button(state, making.at.stage, making.at.step)}
            <span class="because">{&making.because}</span>
            if !from.is_empty() {
                <ol>{ for from.into_iter().map(|(id, node)| step_back(state, ledger, id, node, seen, depth + 1)) }</ol>
            }
        </div>
    }
}

fn place_words(graph: &StageGraph, place: Place) -> String {
    match place {
        Place::Stage(stage) => format!("in stage {}", graph.stages[stage.0].display_name()),
        Place::Source(source) => format!("in {}", source_words(&graph.sources[source.0])),
        Place::Heredoc(_) => "in the Dockerfile itself".to_owned(),
    }
}

/// What does not ship, stage by stage.
fn behind(state: &Snapshot, ledger: &Ledger) -> Html {
    let name = |stage: &dockerfile::stages::StageId| state.drawn.graph.stages[stage.0].display_name();
    html! {
        <>
            <h2 id="files-behind">{"Left behind"}</h2>
            if ledger.left_behind.is_empty() {
                <p class="hint">{"Every stage that this build uses ships as a whole."}</p>
            }
            { for ledger.left_behind.iter().map(|left| left_stage(state, ledger, left)) }
            if !ledger.not_built.is_empty() {
                <p class="hint">
                    {format!("Not built at all: {}.", ledger.not_built.iter().map(name).collect::<Vec<_>>().join(", "))}
                </p>
            }
        </>
    }
}

fn left_stage(state: &Snapshot, ledger: &Ledger, left: &LeftBehind) -> Html {
    let graph = &state.drawn.graph;
    let row = |id: NodeId, note: String| {
        let node = ledger.node(id)?;
        let at = node.makings.first().map(|making| making.at);
        Some(html! {
            <li>
                <code>{shown(node)}</code>
                if let Some(at) = at { {" "}{line_button(state, at.stage, at.step)} }
                <span class="note">{note}</span>
            </li>
        })
    };
    let taken = left.selected.iter().filter_map(|selected| {
        let by = graph.stages[selected.by.stage.0].display_name();
        let verb = if selected.is_mount { "seen by" } else { "taken by" };
        row(selected.node, format!("{verb} {by}"))
    });
    let stays = left
        .paths
        .iter()
        .filter_map(|path| row(path.node, if path.in_part { "in part".to_owned() } else { String::new() }));
    html! {
        <details class="left" open={true}>
            <summary>
                <b>{graph.stages[left.stage.0].display_name()}</b>
                if let Some(base) = left.base {
                    <span class="note">{format!("with all of {}", source_words(&graph.sources[base.0]))}</span>
                }
            </summary>
            { packages("Packages", state, &left.packages) }
            if !left.paths.is_empty() {
                <h3>{"Stays"}</h3>
                <ul>{ for stays }</ul>
            }
            if !left.selected.is_empty() {
                <h3>{"Goes on"}</h3>
                <ul>{ for taken }</ul>
            }
        </details>
    }
}

fn packages(title: &str, state: &Snapshot, packages: &[Package]) -> Html {
    if packages.is_empty() {
        return html! {};
    }
    html! {
        <>
            <h3>{title}</h3>
            <ul class="packages">
                { for packages.iter().take(MAX_ROWS).map(|package| html! {
                    <li>
                        <code>{match &package.version {
                            Some(version) => format!("{} {version}", package.name),
                            None => package.name.clone(),
                        }}</code>
                        <span class="note">{package.manager}</span>{" "}{line_button(state, package.at.stage, package.at.step)}
                        if package.removed_by.is_some() { <span class="tag">{"removed again"}</span> }
                    </li>
                }) }
            </ul>
        </>
    }
}
