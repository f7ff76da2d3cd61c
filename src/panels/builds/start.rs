//! What the panel says before there is a file, and a file to begin with.

use dockerfile::stages::{Stage, StageGraph};
use protocol::builds::Language;
use yew::prelude::*;

use crate::beside::Beside;
use crate::panels::Props;
use crate::state::{Action, Snapshot};

#[component]
pub(super) fn Start(props: &Props) -> Html {
    let state = &props.state;
    let example = |id: &'static str, title: &'static str, language: Language| {
        let state = state.clone();
        let onclick = move |_| {
            let text = text(&state, language);
            state.dispatch(Action::Beside(Beside { text, ..Beside::default() }));
        };
        html! { <button class="control" {id} {onclick}>{title}</button> }
    };
    html! {
        <div class="context-start">
            <h2 id="builds-title">{"Which service builds which stage?"}</h2>
            <p>
                {"Paste a "}<code>{"compose.yaml"}</code>{", a "}<code>{"docker-bake.hcl"}</code>{" or a "}<code>{"docker-bake.json"}</code>
                {". Each service or target is held against the stages: what it builds and needs, what it is given, which "}
                <code>{"target"}</code>{" is not there, and which stages nobody builds."}
            </p>
            <h3 id="builds-examples">{"Or begin with one for this Dockerfile"}</h3>
            <div class="templates" role="group" aria-labelledby="builds-examples">
                { example("builds-example-compose", "A Compose file", Language::Compose) }
                { example("builds-example-bake", "A Bake file", Language::BakeHcl) }
            </div>
            <p class="hint">
                {"Variables that only your environment knows are said to be unknown. Nothing leaves the browser; but a link that you share holds the file."}
            </p>
        </div>
    }
}

/// A file that builds stages of what is drawn.
fn text(state: &Snapshot, language: Language) -> String {
    let graph = &state.drawn.graph;
    let (last, others) = stages(graph);
    match language {
        Language::Compose => {
            let mut text = "services:\n  web:\n    build:\n      context: .\n".to_owned();
            if let Some(last) = last {
                text.push_str(&format!("      target: {last}\n"));
            }
            text.push_str("      platforms: [linux/amd64, linux/arm64]\n");
            for name in others {
                text.push_str(&format!("  {name}:\n    build:\n      context: .\n      target: {name}\n"));
            }
            text.push_str("  db:\n    image: postgres:17\n");
            text
        }
        Language::BakeHcl | Language::BakeJson => {
            let mut names = vec!["web"];
            names.extend(others.iter().copied());
            let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
            let mut text = format!(
                "variable \"TAG\" {{\n  default = \"latest\"\n}}\n\ngroup \"default\" {{\n  targets = [{}]\n}}\n\n\
                 target \"web\" {{\n  context = \".\"\n",
                names.join(", ")
            );
            if let Some(last) = last {
                text.push_str(&format!("  target  = \"{last}\"\n"));
            }
            text.push_str("  tags    = [\"example/web:${TAG}\"]\n}\n");
            for name in others {
                text.push_str(&format!("\ntarget \"{name}\" {{\n  inherits = [\"web\"]\n  target   = \"{name}\"\n  tags     = [\"example/{name}:${{TAG}}\"]\n}}\n"));
            }
            text
        }
    }
}

/// The name of the last stage, and two others that can be asked for, those that it does not need first.
fn stages(graph: &StageGraph) -> (Option<&str>, Vec<&str>) {
    // A name that is a word in either language.
    let name = |stage: &'_ Stage| stage.name.as_ref().is_some_and(|it| it != "web" && !it.contains('.'));
    let last = graph.stages.last().and_then(|stage| stage.name.as_deref());
    let is_base =
        |stage: &Stage| graph.edges.iter().any(|edge| edge.from == dockerfile::stages::Node::Stage(stage.id));
    let mut others: Vec<&Stage> = graph.stages.iter().rev().skip(1).filter(|it| name(it)).collect();
    others.sort_by_key(|stage| is_base(stage));
    let mut names: Vec<&str> = Vec::new();
    for name in others.into_iter().filter_map(|stage| stage.name.as_deref()) {
        if names.len() < 2 && !names.contains(&name) && Some(name) != last {
            names.push(name);
        }
    }
    (last, names)
}
