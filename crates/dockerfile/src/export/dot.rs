//! Graphviz DOT: stages as boxes, what they come from in other shapes, references as lines.
//!
//! Surprising: Graphviz reads HTML entities in every label and a backslash as the beginning of an escape, so both are
//! escaped beside the quotation mark.

use std::fmt::Write;

use super::words::{base, edge_label, name, source, summary, visible};
use crate::queries::Lights;
use crate::stages::{EdgeKind, Node, Source, SourceId, StageGraph, StageId};

/// The graph, from left to right.
pub(super) fn dot(graph: &StageGraph, lights: &Lights) -> String {
    let mut out = format!(
        "digraph Dockerfile {{\n  graph [rankdir=LR, labelloc=t, fontname=\"Helvetica\", label={}];\n",
        quoted(&summary(graph, lights))
    );
    out += "  node [fontname=\"Helvetica\", fontsize=11, shape=box, style=\"rounded,filled\", fillcolor=\"#ffffff\"];\n";
    out += "  edge [fontname=\"Helvetica\", fontsize=9, color=\"#595467\"];\n";
    for stage in &graph.stages {
        let light = lights.stage(stage.id);
        let mut lines = vec![name(graph, stage.id), format!("FROM {}", base(stage))];
        if stage.lines.first > 0 {
            lines.push(format!("line {}", stage.lines.first));
        }
        if !light.state.badge().is_empty() {
            lines.push(light.state.badge().to_lowercase());
        }
        let look = if light.state.is_dark() {
            ", style=\"rounded,filled,dashed\", fillcolor=\"#e6e3e8\", color=\"#aaa4b3\", fontcolor=\"#5d5868\""
        } else if Some(stage.id) == lights.target {
            ", color=\"#ffb02e\", penwidth=2.5"
        } else {
            ""
        };
        let _ = writeln!(
            out,
            "  {} [label={}, tooltip={}{look}];",
            stage_id(stage.id),
            quoted_lines(&lines),
            quoted(&light.reason)
        );
    }
    for (idx, what) in graph.sources.iter().enumerate() {
        let (kind, name) = source(what);
        let shape = match what {
            Source::Image { .. } => "cylinder",
            Source::Scratch => "plaintext",
            Source::Context => "folder",
            Source::NamedContext { .. } => "tab",
            Source::Remote(_) => "note",
            Source::Invalid(_) => "octagon",
        };
        let off = if lights.is_unused(SourceId(idx)) {
            ", style=\"filled,dashed\", fillcolor=\"#e6e3e8\", color=\"#aaa4b3\", fontcolor=\"#5d5868\""
        } else {
            ", style=filled"
        };
        let label = quoted_lines(&[kind.to_owned(), name]);
        let _ = writeln!(out, "  source{idx} [shape={shape}, label={label}{off}];");
    }
    for edge in &graph.edges {
        let from = match edge.from {
            Node::Stage(id) => stage_id(id),
            Node::Source(id) => format!("source{}", id.0),
        };
        let mut look = match edge.kind {
            EdgeKind::Base => vec!["penwidth=2.4".to_owned()],
            EdgeKind::Copy => Vec::new(),
            EdgeKind::Mount => vec!["style=dashed".to_owned()],
        };
        let label = edge_label(graph, edge);
        if !label.is_empty() {
            look.push(format!("label={}", quoted(&label)));
        }
        if edge.broken {
            look.push("color=\"#b3261e\"".to_owned());
        } else if lights.is_dark(edge.to) {
            look.extend(["style=dotted", "color=\"#aaa4b3\"", "fontcolor=\"#5d5868\""].map(str::to_owned));
        }
        let _ = writeln!(out, "  {from} -> {} [{}];", stage_id(edge.to), look.join(", "));
    }
    out += "}\n";
    out
}

fn stage_id(stage: StageId) -> String {
    format!("stage{}", stage.0)
}

fn quoted(text: &str) -> String {
    quoted_lines(&[text])
}

fn quoted_lines(lines: &[impl AsRef<str>]) -> String {
    let mut out = "\"".to_owned();
    for (at, line) in lines.iter().enumerate() {
        out += if at == 0 { "" } else { "\\n" };
        for c in visible(line.as_ref()).chars() {
            match c {
                '"' => out += "\\\"",
                '\\' => out += "\\\\",
                '&' => out += "&amp;",
                c => out.push(c),
            }
        }
    }
    out.push('"');
    out
}
