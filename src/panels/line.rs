//! What is in force at the selected line: directory, user, shell, command, variables, each with the line it
//! comes from, through `FROM stage`.

use dockerfile::queries::cut_here::{Command, FILE_NAME};
use dockerfile::queries::{Builder, Origin, Placed, Setting, Variable, base_source, source_words, state_at};
use dockerfile::stages::StageId;
use yew::prelude::*;

use super::copy::CopyButton;
use super::{Props, checks};
use crate::browser::events;
use crate::state::{Action, Snapshot, State, Thing};

#[component]
pub(crate) fn Line(props: &Props) -> Html {
    let state = &props.state;
    let Some((stage, step)) = place(state) else {
        return html! { <p class="hint">{"Put the cursor into a stage, or click a row in the picture."}</p> };
    };
    let graph = &state.drawn.graph;
    let Some(now) = state_at(graph, stage, step) else { return html! {} };
    let row = &graph.stages[stage.0].steps[step];
    let base = base_source(graph, stage).map_or_else(|| "the base image".to_owned(), source_words);
    let view = View { state, here: stage, base: &base };
    let list = |words: &Vec<String>| words.join(" ");
    let quoted = |line: &Option<Vec<String>>| match line {
        Some(words) => format!("{words:?}"),
        None => "none".to_owned(),
    };
    let or = |empty: &'static str| {
        move |value: &String| if value.is_empty() { empty.to_owned() } else { value.clone() }
    };
    html! {
        <div class="line-panel">
            <h2>
                {"After line "}{row.lines.last}
                <code>{format!("{} {}", row.keyword, row.summary)}</code>
                <span class="of">{format!("stage {}", graph.stages[stage.0].display_name())}</span>
            </h2>
            <table class="settings">
                <caption class="visually-hidden">{"Settings in force"}</caption>
                <thead class="visually-hidden"><tr><th scope="col">{"Setting"}</th><th scope="col">{"Value"}</th><th scope="col">{"Set in"}</th></tr></thead>
                <tbody>
                    { view.setting("Directory", &now.workdir, or("/")) }
                    { view.setting("User", &now.user, or(if now.user.origin.is_some() { "root (the name given is empty)" } else { "root (none is set)" })) }
                    { view.setting("Shell", &now.shell, |shell| if shell.is_empty() { "/bin/sh -c (the default)".to_owned() } else { list(shell) }) }
                    { view.setting("ENTRYPOINT", &now.entrypoint, quoted) }
                    { view.setting("CMD", &now.cmd, quoted) }
                </tbody>
            </table>
            { view.variables("ENV", "kept in the image", &now.env) }
            { view.variables("ARG", "only while building", &now.args) }
            <Changes key={format!("{}-{}", stage.0, row.range.start)} state={state.clone()} {stage} offset={row.range.start} />
            <LookInside key={format!("look-{}-{step}", stage.0)} state={state.clone()} {stage} {step} />
            if now.base_unknown {
                <p class="hint">{format!("{base} may set more: what an image says of itself is not in the file.")}</p>
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct ChangesProps {
    state: Snapshot,
    stage: StageId,
    /// Where the instruction begins.
    offset: usize,
}

/// What can be done with the stage and the instruction: another name, another place, a secret mounted.
#[component]
fn Changes(props: &ChangesProps) -> Html {
    let ChangesProps { state, stage, offset } = props;
    let asked = use_state(|| None::<String>);
    let Some(old) = state.analysis.graph.stages.get(stage.0).filter(|_| !state.is_stale()) else {
        return Html::default();
    };
    let wanted = asked.as_deref().filter(|name| old.name.as_deref().is_some_and(|old| old != *name));
    let changes = state.analysis.changes(state.target_cut(), *stage, *offset, wanted);
    let name = old.name.as_ref().map(|old| {
        let value = asked.as_ref().unwrap_or(old).clone();
        let oninput = {
            let asked = asked.clone();
            move |event: InputEvent| asked.set(Some(events::text(&event)))
        };
        html! {
            <div class="rename">
                <label for="rename">{"Rename the stage"}</label>
                <input id="rename" class="control" spellcheck="false" autocomplete="off" {value} {oninput} />
                { match &changes.rename {
                    Some(Ok(fix)) => checks::folded(state, fix),
                    Some(Err(sentence)) => html! { <p class="refusal" role="status">{sentence}</p> },
                    None => Html::default(),
                } }
            </div>
        }
    });
    if changes.here.is_empty() && name.is_none() {
        return Html::default();
    }
    html! {
        <section class="changes">
            <h3>{"Change it"}</h3>
            { name }
            { for changes.here.iter().map(|fix| checks::folded(state, fix)) }
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct LookInsideProps {
    state: Snapshot,
    stage: StageId,
    step: usize,
}

/// A Dockerfile that ends at the row, and the commands to build it and look inside.
#[component]
fn LookInside(props: &LookInsideProps) -> Html {
    let LookInsideProps { state, stage, step } = props;
    let builder = use_state(|| Builder::Docker);
    let cut =
        use_memo((state.drawn.clone(), *stage, *step), |(drawn, stage, step)| drawn.cut_here(*stage, *step));
    let Some(cut) = cut.as_ref() else { return Html::default() };
    let onchange = {
        let builder = builder.clone();
        move |event: Event| {
            let title = events::selected(&event);
            builder.set(Builder::ALL.into_iter().find(|it| it.title() == title).unwrap_or(Builder::Docker));
        }
    };
    let copy = |text: &str, done: String, label: String| {
        let (text, done, label) = (text.to_owned(), done, label);
        html! { <CopyButton {text} {done} {label} dispatch={state.dispatcher()} /> }
    };
    let command = |command: &Command| {
        html! {
            <li>
                <p class="what">{command.title}</p>
                <p class="command-line">
                    <code>{&command.line}</code>
                    { copy(&command.line, "Command copied.".to_owned(), format!("Copy: {}", command.title)) }
                </p>
                if let Some(note) = &command.note { <p class="note">{note}</p> }
            </li>
        }
    };
    let dockerfile = cut.dockerfile.clone();
    html! {
        <details class="look" id="look">
            <summary>{"Cut here, and look inside"}</summary>
            <p class="note">
                {"A Dockerfile that ends at this line: the same steps, from the cache where they have run before. To see why a line fails, cut at the line above it."}
            </p>
            <div class="fix-head">
                <span class="todo">{"Save as "}<code>{FILE_NAME}</code></span>
                { copy(&dockerfile, format!("Copied. Save it as {FILE_NAME} beside the Dockerfile."), format!("Copy {FILE_NAME}")) }
                <label class="field">
                    <span class="visually-hidden">{"Build tool"}</span>
                    <select class="control small" id="look-tool" {onchange}>
                        { for Builder::ALL.into_iter().map(|it| html! {
                            <option value={it.title()} selected={it == *builder}>{it.title()}</option>
                        }) }
                    </select>
                </label>
            </div>
            <pre class="diff plain" tabindex="0" aria-label={FILE_NAME}>{dockerfile}</pre>
            <ol class="commands">{ for cut.commands(*builder, state.drawn.options()).iter().map(command) }</ol>
        </details>
    }
}

/// The row that is meant: the selected one, or the end of what is selected, or of the target.
fn place(state: &State) -> Option<(StageId, usize)> {
    let graph = &state.drawn.graph;
    let end = |stage: StageId| Some((stage, graph.stages.get(stage.0)?.steps.len().checked_sub(1)?));
    match &state.selected {
        Some(Thing::Step(stage, step)) => {
            graph.stages.get(stage.0)?.steps.get(*step).map(|_| (*stage, *step))
        }
        Some(Thing::Stage(stage)) => end(*stage),
        Some(Thing::Source(_) | Thing::Path(_) | Thing::Edge(_)) | None => end(state.shown_target()?),
    }
}

struct View<'a> {
    state: &'a Snapshot,
    here: StageId,
    base: &'a str,
}

impl View<'_> {
    fn setting<T>(&self, name: &str, placed: &Placed<Setting<T>>, show: impl Fn(&T) -> String) -> Html {
        let value = match &placed.value {
            Setting::Known(value) => html! { <code>{show(value)}</code> },
            Setting::FromBase => {
                html! { <span class="unknown">{format!("whatever {} says", self.base)}</span> }
            }
            Setting::OnBase(value) => html! {
                <><code>{show(value)}</code><span class="unknown">{format!(" on top of what {} says", self.base)}</span></>
            },
        };
        html! { <tr><th scope="row">{name}</th><td>{value}</td><td>{self.origin(placed.origin)}</td></tr> }
    }

    fn variables(&self, title: &str, note: &str, variables: &[Variable]) -> Html {
        if variables.is_empty() {
            return html! {};
        }
        html! {
            <table class="settings">
                <caption>{title}<span class="note">{note}</span></caption>
                <thead class="visually-hidden"><tr><th scope="col">{"Name"}</th><th scope="col">{"Value"}</th><th scope="col">{"Set in"}</th></tr></thead>
                <tbody>
                    { for variables.iter().map(|variable| html! {
                        <tr>
                            <th scope="row"><code>{&variable.name}</code></th>
                            <td>{ match &variable.value {
                                Some(value) if value.is_empty() => html! { <span class="unknown">{"empty"}</span> },
                                Some(value) => html! { <code>{value}</code> },
                                None => html! { <span class="unknown">{"not set"}</span> },
                            } }</td>
                            <td>{self.origin(variable.origin)}</td>
                        </tr>
                    }) }
                </tbody>
            </table>
        }
    }

    /// Where a value was set, to be clicked.
    fn origin(&self, origin: Option<Origin>) -> Html {
        let graph = &self.state.drawn.graph;
        let Some(Origin { stage, step }) = origin else { return html! {} };
        let Some(row) = graph.stages.get(stage.0).and_then(|stage| stage.steps.get(step)) else {
            return html! {};
        };
        let label = match stage == self.here {
            true => format!("line {}", row.lines.first),
            false => format!("line {}, stage {}", row.lines.first, graph.stages[stage.0].display_name()),
        };
        let dispatch = self.state.dispatcher();
        let onclick = move |_| dispatch.dispatch(Action::Select(Thing::Step(stage, step)));
        html! { <button class="origin" {onclick}>{label}</button> }
    }
}
