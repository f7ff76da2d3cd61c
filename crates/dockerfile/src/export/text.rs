//! The stages as a tree of text: the target on top, below each stage what it takes from where, then what does not run.
//!
//! A stage that several others take from is unfolded where it is first met. A very deep tree goes on further down, so
//! that the text never grows faster than the file.

use std::collections::VecDeque;
use std::fmt::Write;

use super::words::{edge_label, line, name, source, summary};
use crate::queries::Lights;
use crate::stages::{Edge, EdgeKind, Node, StageGraph, StageId};

/// How deep the tree is drawn in one piece.
const MAX_DEPTH: usize = 16;

/// The tree.
pub(super) fn text(graph: &StageGraph, lights: &Lights) -> String {
    let mut tree = Tree {
        graph,
        lights,
        out: String::new(),
        told: vec![false; graph.stages.len()],
        roots: VecDeque::new(),
    };
    let _ = writeln!(tree.out, "{}", summary(graph, lights));
    let last = graph.stages.last().map(|stage| stage.id);
    tree.roots.extend(lights.target.or(last));
    tree.roots.extend(lights.second);
    tree.unfold();
    // What runs although the target does not ask for it.
    for stage in graph.stages.iter().rev().filter(|stage| !lights.is_dark(stage.id)) {
        tree.roots.push_back(stage.id);
        tree.unfold();
    }
    let dark: Vec<StageId> =
        graph.stages.iter().map(|stage| stage.id).filter(|stage| !tree.told[stage.0]).collect();
    if !dark.is_empty() {
        tree.out += "\nDoes not run\n";
    }
    for (at, &stage) in dark.iter().enumerate() {
        let _ =
            writeln!(tree.out, "{}{}", if at + 1 == dark.len() { "└─ " } else { "├─ " }, tree.stage(stage));
    }
    tree.out
}

struct Tree<'a> {
    graph: &'a StageGraph,
    lights: &'a Lights,
    out: String,
    /// The stages that were unfolded.
    told: Vec<bool>,
    /// Stages to unfold at the left edge.
    roots: VecDeque<StageId>,
}

impl Tree<'_> {
    fn unfold(&mut self) {
        while let Some(stage) = self.roots.pop_front() {
            if self.told[stage.0] {
                continue;
            }
            self.told[stage.0] = true;
            let _ = write!(self.out, "\n{}\n", self.stage(stage));
            self.below(stage, "", 0);
        }
    }

    /// What a stage takes from where.
    fn below(&mut self, stage: StageId, indent: &str, depth: usize) {
        let edges = self.graph.edges_into(stage);
        for (at, edge) in edges.iter().enumerate() {
            let (branch, further) =
                if at + 1 == edges.len() { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            let _ = write!(self.out, "{indent}{branch}{} ", self.what(edge));
            match edge.from {
                Node::Source(id) => {
                    let _ = match source(&self.graph.sources[id.0]) {
                        ("build context", _) => writeln!(self.out, "the build context"),
                        ("empty base", name) => writeln!(self.out, "{name}"),
                        (kind, name) => writeln!(self.out, "{kind} {name}"),
                    };
                }
                Node::Stage(id) if self.told[id.0] => {
                    let _ = writeln!(self.out, "{}, see above", name(self.graph, id));
                }
                Node::Stage(id) if depth >= MAX_DEPTH => {
                    self.roots.push_back(id);
                    let _ = writeln!(self.out, "{}, see below", name(self.graph, id));
                }
                Node::Stage(id) => {
                    self.told[id.0] = true;
                    let _ = writeln!(self.out, "{}", self.stage(id));
                    self.below(id, &format!("{indent}{further}"), depth + 1);
                }
            }
        }
    }

    /// How an edge takes.
    fn what(&self, edge: &Edge) -> String {
        let refused = if edge.broken { " refused:" } else { "" };
        match (edge.kind, line(self.graph, edge)) {
            (EdgeKind::Base, 0) => format!("FROM{refused}"),
            (EdgeKind::Base, line) => format!("FROM (line {line}){refused}"),
            (EdgeKind::Copy | EdgeKind::Mount, _) => {
                let step = self.graph.stages[edge.to.0].steps.get(edge.step);
                let keyword = step.map_or("", |step| &step.keyword);
                format!("{keyword} {}{refused} ←", edge_label(self.graph, edge))
            }
        }
    }

    fn stage(&self, stage: StageId) -> String {
        let light = self.lights.stage(stage);
        let mut out = name(self.graph, stage);
        if !light.state.badge().is_empty() {
            let _ = write!(out, " [{}]", light.state.badge().to_lowercase());
        }
        if let Some(line) = self.graph.stages.get(stage.0).map(|it| it.lines.first).filter(|line| *line > 0) {
            let _ = write!(out, " line {line}");
        }
        if !light.reason.is_empty() {
            let _ = write!(out, " · {}", super::words::visible(&light.reason));
        }
        out
    }
}
