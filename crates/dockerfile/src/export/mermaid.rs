//! A Mermaid flowchart, which GitHub, GitLab and many generators of documentation draw by themselves.
//!
//! Surprising: Mermaid looks for `style …:…#…;` in every line and takes the semicolon away, takes `\n` for a new line
//! and a leading backtick for Markdown. So labels stand in quotation marks, and every character that means something
//! somewhere is written as its number.

use std::fmt::Write;

use super::words::{base, edge_label, name, source};
use crate::queries::Lights;
use crate::stages::{EdgeKind, Node, Source, SourceId, StageGraph, StageId};

/// The graph, from left to right.
pub(super) fn mermaid(graph: &StageGraph, lights: &Lights) -> String {
    let mut out = "flowchart LR\n".to_owned();
    for stage in &graph.stages {
        let light = lights.stage(stage.id);
        let mut text = format!("{}<br>FROM {}", label(&name(graph, stage.id)), label(&base(stage)));
        if !light.state.badge().is_empty() {
            let _ = write!(text, "<br>{}", light.state.badge().to_lowercase());
        }
        let _ = writeln!(out, "  {}[\"{text}\"]", stage_id(stage.id));
    }
    for (idx, what) in graph.sources.iter().enumerate() {
        let (kind, name) = source(what);
        let (open, close) = match what {
            Source::Image { .. } => ("[(", ")]"),
            Source::Scratch => ("([", "])"),
            Source::Context => ("[/", "/]"),
            Source::NamedContext { .. } => ("[[", "]]"),
            Source::Remote(_) => (">", "]"),
            Source::Invalid(_) => ("{{", "}}"),
        };
        let _ = writeln!(out, "  source{idx}{open}\"{}<br>{}\"{close}", label(kind), label(&name));
    }
    for edge in &graph.edges {
        let from = match edge.from {
            Node::Stage(id) => stage_id(id),
            Node::Source(id) => format!("source{}", id.0),
        };
        let arrow = match edge.kind {
            _ if edge.broken => "--x",
            EdgeKind::Base => "==>",
            EdgeKind::Copy => "-->",
            EdgeKind::Mount => "-.->",
        };
        let text = label(&edge_label(graph, edge));
        let text = if text.is_empty() { text } else { format!("|\"{text}\"|") };
        let _ = writeln!(out, "  {from} {arrow}{text} {}", stage_id(edge.to));
    }
    out += "  classDef target stroke:#ffb02e,stroke-width:3px\n";
    if let Some(target) = lights.target {
        let _ = writeln!(out, "  class {} target", stage_id(target));
    }
    let stages = graph.stages.iter().filter(|stage| lights.is_dark(stage.id)).map(|it| stage_id(it.id));
    let sources = (0..graph.sources.len()).filter(|&idx| lights.is_unused(SourceId(idx)));
    let dark: Vec<String> = stages.chain(sources.map(|idx| format!("source{idx}"))).collect();
    if !dark.is_empty() {
        out += "  classDef dark fill:#e6e3e8,stroke:#aaa4b3,color:#5d5868,stroke-dasharray:5 4\n";
        let _ = writeln!(out, "  class {} dark", dark.join(","));
    }
    let off = graph.edges.iter().enumerate().filter(|(_, edge)| lights.is_dark(edge.to));
    let off: Vec<String> = off.map(|(idx, _)| idx.to_string()).collect();
    if !off.is_empty() {
        let _ = writeln!(out, "  linkStyle {} stroke:#aaa4b3,stroke-width:1px", off.join(","));
    }
    out
}

fn stage_id(stage: StageId) -> String {
    format!("stage{}", stage.0)
}

/// A text within quotation marks.
fn label(text: &str) -> String {
    let is_plain = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || " -_.,/=()+$'".contains(c);
    // See above; image references would be hard to read without their colon.
    let has_style = text.contains("style") || text.contains("classDef");
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ':' if !has_style => out.push(c),
            c if is_plain(c) => out.push(c),
            c => {
                let _ = write!(out, "#{};", c as u32);
            }
        }
    }
    out
}
