//! The steps of a build as BuildKit shows them while it runs: `[stage 2/5] RUN make`.
//!
//! Follows the `dispatch…` functions and `prefixCommand` of `dockerfile2llb`. Surprising: identical operations on
//! identical inputs are one step, which has the name that BuildKit comes to last; the number behind the slash
//! counts every trigger and every WORKDIR, though some make no step; of a file with a single stage that refers to
//! nothing else the stage is not named; and the FROM of a stage that only a trigger needs is counted twice, so
//! that the number in front of the slash may be the greater one.

use std::collections::HashMap;
use std::fmt::Write;

use super::cut::Cut;
use super::plan::{Label, Link, Plan, StepKind};
use crate::stages::{Content, Node, Source, StageGraph, StageId};
use crate::syntax::Parse;

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildStep {
    /// What it is.
    pub kind: StepKind,
    /// Its name: for an instruction its number and its text, with variables put in.
    pub name: String,
    /// The first lines of the instructions it stands for; empty for internal steps.
    pub lines: Vec<u32>,
    /// The name under which BuildKit shows it together with others, where it does.
    pub group: Option<String>,
    /// The vertex of the plan that it is; of several that are one, the first.
    pub vertex: usize,
}

/// The steps of a build of the cut's target, each behind those it needs. Right only if the cut has no errors.
/// `text` is what `parse` was read from.
pub fn steps(text: &str, parse: &Parse<'_>, graph: &StageGraph, cut: &Cut) -> Vec<BuildStep> {
    Plan::of(text, parse, graph).steps(cut)
}

/// What a build shows before its steps, in BuildKit's names: it reads the Dockerfile called `file_name`, looks up
/// images and reads what the context leaves out.
pub fn preparations(graph: &StageGraph, cut: &Cut, file_name: &str) -> Vec<String> {
    use super::cut::SourceUse;
    let looked_up =
        graph.sources.iter().zip(&cut.sources).filter(|(_, usage)| **usage >= SourceUse::LookedUp);
    let looked_up = looked_up.filter_map(|(source, _)| match source {
        Source::Image { reference, .. } => Some(format!("[internal] load metadata for {reference}")),
        Source::NamedContext { name, content, .. } => match content {
            Content::Image { reference, .. } => {
                Some(format!("[context {name}] load metadata for {reference}"))
            }
            Content::Directory => Some(format!("[context {name}] load .dockerignore")),
            Content::Empty | Content::Git | Content::Url | Content::Layout => None,
        },
        Source::Scratch | Source::Context | Source::Remote(_) | Source::Invalid(_) => None,
    });
    std::iter::once(format!("[internal] load build definition from {file_name}"))
        .chain(looked_up)
        .chain(["[internal] load .dockerignore".to_owned()])
        .collect()
}

impl Plan<'_> {
    /// The steps of a build of the cut's target, each behind those it needs. Right only if the cut has no errors.
    pub fn steps(&self, cut: &Cut) -> Vec<BuildStep> {
        let rounds = rounds(self.graph, cut.target);
        let mut steps: Vec<BuildStep> = Vec::new();
        let mut places: HashMap<usize, usize> = HashMap::new();
        // Of equal ones the last name counts.
        let mut last: Vec<usize> = Vec::new();
        self.visit(cut.target, |id| {
            let vertex = &self.vertices[id];
            let place = *places.entry(vertex.key).or_insert(steps.len());
            match steps.get_mut(place) {
                None => {
                    let lines = vertex.line.into_iter().collect();
                    steps.push(BuildStep {
                        kind: vertex.kind,
                        name: String::new(),
                        lines,
                        group: None,
                        vertex: id,
                    });
                    last.push(id);
                }
                Some(known) => {
                    known.lines.extend(vertex.line);
                    last[place] = id;
                }
            }
        });
        for (step, id) in steps.iter_mut().zip(last) {
            step.lines.sort_unstable();
            step.lines.dedup();
            (step.name, step.group) = self.names(&self.vertices[id].label, &rounds);
        }
        steps
    }

    /// The name of a vertex, and that of its group.
    fn names(&self, label: &Label, rounds: &[usize]) -> (String, Option<String>) {
        let (stage, at, is_trigger, text, link) = match label {
            Label::Plain(name) => return (name.clone(), None),
            Label::Numbered { stage, at, is_trigger, text, link } => (stage, at, is_trigger, text, link),
        };
        // BuildKit: it names the FROM again in each round in which it looks for what is needed.
        let is_named = matches!(self.graph.base_source(*stage), Some(Source::Image { .. }));
        // And it names it before it knows the triggers of the image.
        let n_unknown = if is_named && *at == 1 { self.graph.stages[stage.0].triggers.len() } else { 0 };
        let at = at + if is_named { rounds[stage.0] } else { 0 };
        let total = self.totals[stage.0] - n_unknown;
        let width = total.to_string().len();
        let mut prefix = String::from("[");
        if !self.graph.is_single {
            prefix += &self.graph.stages[stage.0].display_name();
            prefix.push(' ');
        }
        write!(prefix, "{at:width$}/{total}] ").ok();
        if *is_trigger {
            prefix += "ONBUILD ";
        }
        match link {
            Link::None => (prefix + text, None),
            Link::Copy => (format!("{prefix}{text}"), Some(prefix + text)),
            Link::Merge => (format!("{prefix}LINK {text}"), Some(prefix + text)),
        }
    }
}

/// For each stage, how often BuildKit looks for what is needed before it finds that the stage is: it starts again
/// when the triggers of needed stages refer to something.
fn rounds(graph: &StageGraph, target: StageId) -> Vec<usize> {
    let mut round_of = vec![0; graph.stages.len()];
    let mut seen = vec![false; graph.stages.len()];
    seen[target.0] = true;
    let mut found = vec![target];
    let mut round = 0;
    while !found.is_empty() {
        let mut members = Vec::new();
        while let Some(stage) = found.pop() {
            round_of[stage.0] = round;
            members.push(stage);
            for from in bases(graph, stage, false) {
                if !std::mem::replace(&mut seen[from.0], true) {
                    found.push(from);
                }
            }
        }
        for from in members.into_iter().flat_map(|stage| bases(graph, stage, true)) {
            if !std::mem::replace(&mut seen[from.0], true) {
                found.push(from);
            }
        }
        round += 1;
    }
    round_of
}

/// The stages that a stage refers to by itself, or by its triggers.
fn bases(graph: &StageGraph, stage: StageId, trigger: bool) -> impl Iterator<Item = StageId> {
    let edges = graph.edges_into(stage).iter().filter(move |edge| edge.trigger == trigger);
    edges.filter_map(|edge| match edge.from {
        Node::Stage(id) => Some(id),
        Node::Source(_) => None,
    })
}
