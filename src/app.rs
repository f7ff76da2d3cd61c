//! The page: a bar on top, the text on the left, the picture on the right; on a phone one of the two.

use std::rc::Rc;

use dockerfile::queries::source_words;
use protocol::link;
use yew::platform::spawn_local;
use yew::prelude::*;

use crate::beside::Reading;
use crate::browser::frame::AfterFrame;
use crate::browser::{Timeout, files, history, location, reader, server, theme};
use crate::building::{Happening, Server};
use crate::dialogs::{Dialog, Dialogs, fetched};
use crate::editor::TextEditor;
use crate::examples;
use crate::opening::{self, Opening};
use crate::panels::{
    bar::Bar, build::open_build, drawer::Drawer, learn::Learn, newer::Newer, picture::Picture,
    problems::Problems,
};
use crate::state::{Action, Notice, Pane, Snapshot, State, Thing};

/// Writing the address is cheap, but browsers refuse to do it very often.
const LINK_DELAY: u32 = 250;

/// The pause after which a draft is kept, in milliseconds.
const DRAFT_DELAY: u32 = 1_000;

/// The pause after which the panels follow the text, in milliseconds.
const PANEL_DELAY: u32 = 150;

/// A picture of more rows than this is drawn after the frame that shows the letter.
const MAX_ROWS_AT_ONCE: usize = 400;

/// The whole application.
#[component]
pub(crate) fn App() -> Html {
    let link = use_memo((), |()| history::handed_over().or_else(location::read));
    let state = Snapshot::of(&use_reducer_eq(|| {
        // What a link holds goes before what stands in front of it.
        let lesson = if link.is_none() { location::lesson() } else { None };
        State::start((*link).clone(), location::saved(), theme::stored()).with_lesson(lesson)
    }));
    use_link(&state);
    use_address(&state, link.is_some());
    use_draft(&state);
    use_reading(&state);
    use_building(&state);
    let settled = use_settled(&state);
    let pictured = use_pictured(&state);
    {
        let chosen = state.theme;
        use_effect_with(chosen, |chosen| theme::apply(*chosen));
    }
    let pane = match state.pane {
        Pane::Lesson => "lesson",
        Pane::Text => "text",
        Pane::Stages => "stages",
        Pane::Panel => "panel",
    };
    let style = format!("--panel-height:{}%", state.panel_height);
    let onkeydown = {
        let dispatch = state.dispatcher();
        move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                dispatch.dispatch(Action::Deselect);
            }
        }
    };
    // Without this the browser would leave the page and show the file itself.
    let ondragover = |event: DragEvent| event.prevent_default();
    let ondrop = {
        let state = state.clone();
        move |event: DragEvent| {
            let state = state.clone();
            files::dropped(&event, move |all| {
                state.dispatch(match opening::files(all) {
                    Ok(Opening::Playground(playground)) => Action::Open(playground),
                    // What has to be chosen is chosen there.
                    Ok(opening) => Action::Dialog(Some(Dialog::Open(Some(Box::new(opening))))),
                    Err(text) => Action::Tell(Notice { text, is_error: true }),
                });
            });
        }
    };
    let analysis = &state.analysis;
    let facts = format!(
        "{} {}, {}",
        analysis.n_lines,
        if analysis.n_lines == 1 { "line" } else { "lines" },
        size(analysis.text.len())
    );
    html! {
        <div class="app" data-pane={pane}>
            <Bar theme={state.theme} learning={state.learning.clone()} dispatch={state.dispatcher()} />
            <Newer state={state.clone()} />
            <Tabs state={state.clone()} />
            <p class="visually-hidden" role="status" id="selection">{selection(&state)}</p>
            <main class={classes!("panes", state.learning.is_open.then_some("with-lesson"))}>
                <Learn state={settled.clone()} />
                <section class="pane text-pane" id="pane-text" aria-label="Text" {ondragover} {ondrop}>
                    <div class="pane-head">
                        <h2>{"Dockerfile"}</h2>
                        <span class="facts">{facts}</span>
                    </div>
                    <TextEditor state={state.clone()} />
                    <Problems state={settled.clone()} />
                </section>
                <div {onkeydown} class={classes!("stage-side", state.panel.is_some().then_some("with-panel"))} {style}>
                    <Picture state={pictured} />
                    <Drawer state={settled} />
                </div>
            </main>
            if state.dialog.is_some() {
                <Dialogs {state} />
            }
        </div>
    }
}

/// Has the file beside the Dockerfile read, a moment after the last letter.
#[hook]
fn use_reading(state: &Snapshot) {
    let dispatch = state.dispatcher();
    use_effect_with(state.beside.clone(), move |beside| {
        let beside = beside.clone();
        let timeout = (!beside.is_empty()).then(|| {
            Timeout::new(PANEL_DELAY, move || {
                spawn_local(async move {
                    let reading = match reader::read(&beside).await {
                        Ok(file) => Reading::Done(Rc::new(file)),
                        Err(sentence) => Reading::Failed(sentence.into()),
                    };
                    dispatch.dispatch(Action::Read(beside, reading));
                });
            })
        });
        move || drop(timeout)
    });
}

/// Asks the server, where there is one, what it can do, and for builds; opens the build that the address names; and listens to the one
/// that runs.
#[hook]
fn use_building(state: &Snapshot) {
    {
        let state = state.clone();
        use_effect_with((), move |()| {
            let Some(base) = server::address() else { return };
            state.dispatch(Action::Build(Happening::Base(base.into())));
            spawn_local(async move {
                state.dispatch(Action::Build(Happening::Server(match server::health().await {
                    Ok(health) => Server::There(Rc::new(health)),
                    Err(problem) => Server::Lost(problem.title.into()),
                })));
                let Some(id) = location::build() else { return };
                match server::record(&id).await {
                    Ok(record) => open_build(&state, record),
                    Err(problem) => {
                        state.dispatch(Action::Tell(Notice { text: problem.title, is_error: true }));
                    }
                }
            });
        });
    }
    {
        let dispatch = state.dispatcher();
        use_effect_with(state.building.asked.clone(), move |asked| {
            let Some(request) = asked.clone() else { return };
            spawn_local(async move {
                dispatch.dispatch(Action::Build(match server::start(&request).await {
                    Ok(accepted) => {
                        if let Some(token) = &accepted.token {
                            server::keep_token(&accepted.id, token);
                        }
                        Happening::Taken(accepted)
                    }
                    Err(problem) => Happening::Refused(problem),
                }));
            });
        });
    }
    let run = state.building.run.as_ref();
    let watched = run.filter(|run| run.is_going_on()).and_then(|run| run.id.clone());
    let last = run.map_or(0, |run| run.last());
    let dispatch = state.dispatcher();
    use_effect_with(watched, move |watched| {
        let watch = watched.as_ref().and_then(|id| {
            let (lost, anew) = (dispatch.clone(), dispatch.clone());
            server::Watch::new(
                id,
                last,
                move |events| dispatch.dispatch(Action::Build(Happening::Events(events, server::now()))),
                move || anew.dispatch(Action::Build(Happening::Anew)),
                move || {
                    let sentence =
                        "The server has closed the connection. Reload the page to see how the build ended.";
                    lost.dispatch(Action::Build(Happening::Lost(sentence.into())));
                },
            )
        });
        move || drop(watch)
    });
}

/// The state for the panels and the list of problems: while somebody types, as it was before; they follow at the next
/// pause. Nobody reads them while typing, and some of them take longer to make than a keystroke may.
#[hook]
fn use_settled(state: &Snapshot) -> Snapshot {
    let settled = use_mut_ref(|| state.clone());
    if state.is_checked {
        *settled.borrow_mut() = state.clone();
    }
    {
        let dispatch = state.dispatcher();
        use_effect_with((state.analysis.clone(), state.is_checked), move |&(_, is_checked)| {
            let timeout =
                (!is_checked).then(|| Timeout::new(PANEL_DELAY, move || dispatch.dispatch(Action::Settle)));
            move || drop(timeout)
        });
    }
    let settled = settled.borrow();
    settled.clone()
}

/// The state for the picture. A letter typed into a large file is on the screen before the picture is made again; that
/// comes in the next task, of what is then the newest state.
#[hook]
fn use_pictured(state: &Snapshot) -> Snapshot {
    let pictured = use_mut_ref(|| state.clone());
    let newest = use_mut_ref(|| state.clone());
    let pending = use_mut_ref(|| None::<AfterFrame>);
    let update = use_force_update();
    *newest.borrow_mut() = state.clone();
    let waits = {
        let before = pictured.borrow();
        let n_rows: usize = state.drawn.graph.stages.iter().map(|stage| stage.steps.len()).sum();
        before.analysis != state.analysis && before.opened == state.opened && n_rows > MAX_ROWS_AT_ONCE
    };
    if !waits {
        *pictured.borrow_mut() = state.clone();
    }
    {
        let (pictured, pending) = (pictured.clone(), pending.clone());
        use_effect_with((state.analysis.clone(), waits), move |&(_, waits)| {
            // One that waits already takes this state along: who types fast does not put the picture off.
            if waits && pending.borrow().is_none() {
                let done = pending.clone();
                *pending.borrow_mut() = AfterFrame::new(move || {
                    done.borrow_mut().take();
                    *pictured.borrow_mut() = newest.borrow().clone();
                    update.force_update();
                });
            }
        });
    }
    use_effect_with((), move |()| move || drop(pending.borrow_mut().take()));
    let pictured = pictured.borrow();
    pictured.clone()
}

/// Keeps the address and the page the same, in both directions.
#[hook]
fn use_link(state: &Snapshot) {
    {
        let dispatch = state.dispatcher();
        use_effect_with((), move |()| {
            let listener = location::on_change(move || match location::read() {
                Some(Ok(playground)) => dispatch.dispatch(Action::Open(Box::new(playground))),
                Some(Err(error)) => dispatch.dispatch(Action::OpenFailed(error)),
                None => {}
            });
            move || drop(listener)
        });
    }
    let is_first = use_mut_ref(|| true);
    let state = state.clone();
    let looked_at = (state.lens.clone(), state.selected.clone(), state.panel, state.check.clone());
    let beside = (state.beside.clone(), state.learning.linked());
    let key = (state.analysis.clone(), state.built.clone(), state.changed.clone(), beside, looked_at);
    use_effect_with(key, move |_| {
        // Opening the page writes nothing: a damaged link stays in the address, to be looked at.
        let was_first = is_first.replace(false);
        let timeout = (!was_first).then(|| {
            Timeout::new(LINK_DELAY, move || {
                if !location::write(&state.playground()) {
                    state.dispatch(Action::Tell(Notice {
                        text: "This text is too long for a link, so the address does not hold it. Keep it in a file."
                            .to_owned(),
                        is_error: false,
                    }));
                }
            })
        });
        move || drop(timeout)
    });
}

/// Opens what `?url=` asks for, unless a link says already what the page shows.
#[hook]
fn use_address(state: &Snapshot, has_link: bool) {
    let state = state.clone();
    use_effect_with((), move |()| {
        let Some(address) = location::asked_for().filter(|_| !has_link) else { return };
        spawn_local(async move {
            state.dispatch(match fetched(&address).await {
                Ok(opened) => opened,
                Err(text) => Action::Tell(Notice { text, is_error: true }),
            });
        });
    });
}

/// Keeps what is worked on in this browser, a moment after each change of the text.
#[hook]
fn use_draft(state: &Snapshot) {
    let first = use_mut_ref(|| None::<String>);
    let state = state.clone();
    use_effect_with(state.analysis.clone(), move |analysis| {
        let text = &analysis.text;
        let is_as_opened = *first.borrow_mut().get_or_insert_with(|| text.clone()) == *text;
        let is_worth_it = !is_as_opened && examples::is_own(text);
        let timeout = is_worth_it.then(|| {
            Timeout::new(DRAFT_DELAY, move || history::keep_draft(link::encode(&state.playground())))
        });
        move || drop(timeout)
    });
}

#[derive(Properties, PartialEq)]
struct TabsProps {
    state: Snapshot,
}

/// On a phone: which half is shown.
#[component]
fn Tabs(props: &TabsProps) -> Html {
    let state = &props.state;
    let tab = |pane: Pane, label: &'static str| {
        let onclick = {
            let state = state.clone();
            move |_| state.dispatch(Action::Show(pane))
        };
        let is_chosen = state.pane == pane;
        html! { <button {onclick} aria-pressed={is_chosen.to_string()}>{label}</button> }
    };
    html! {
        <nav class="tabs" aria-label="Parts of the page">
            if state.learning.is_open {
                { tab(Pane::Lesson, "Lesson") }
            }
            { tab(Pane::Text, "Dockerfile") }
            { tab(Pane::Stages, if state.is_stale() { "Stages (older)" } else { "Stages" }) }
            { tab(Pane::Panel, "Details") }
        </nav>
    }
}

/// What is selected, for those who cannot see it. What the cursor selects, the editor says itself.
fn selection(state: &State) -> String {
    let graph = &state.drawn.graph;
    match state.selected.as_ref().filter(|_| !state.selected_in_editor) {
        Some(Thing::Step(stage, step)) => match state.drawn.step(*stage, *step) {
            Some(step) => format!("Selected: line {}, {} {}", step.lines.first, step.keyword, step.summary),
            None => String::new(),
        },
        Some(Thing::Stage(stage)) => match graph.stages.get(stage.0) {
            Some(stage) => format!("Selected: stage {}", stage.display_name()),
            None => String::new(),
        },
        Some(Thing::Source(source)) => match graph.sources.get(source.0) {
            Some(source) => format!("Selected: {}", source_words(source)),
            None => String::new(),
        },
        Some(Thing::Path(path)) => format!("Selected: {path}"),
        // Lines are pointed at; what a click selects is the row.
        Some(Thing::Edge(_)) | None => String::new(),
    }
}

/// A number of bytes for people.
fn size(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
