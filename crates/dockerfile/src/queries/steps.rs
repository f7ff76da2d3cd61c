//! The steps of a build as BuildKit shows them while it runs: `[stage 2/5] RUN`.
//!
//! Follows `prefixCommand` of `dockerfile2llb`. Surprising: identical operations on identical inputs are one step,
//! which has the name that BuildKit comes to last; the number behind the slash counts every trigger and every WORKDIR, though some make
//! no step; and of a file with a single stage that refers to nothing else the stage is not named.

use std::collections::{BTreeMap, HashMap};

use super::cut::Cut;
use crate::stages::git_ref::{SourceForm, source_form};
use crate::stages::mount::MountType;
use crate::stages::{
    Command, Content, Copied, Effect, Node, Ran, Source, SourceId, Stage, StageGraph, StageId, Start,
};
use crate::syntax::{self, Instruction, InstructionKind, Parse};

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildStep {
    /// What it is.
    pub kind: StepKind,
    /// The name as far as the keyword, or the whole name of a FROM or an internal step.
    pub name: String,
    /// The first lines of the instructions it stands for; empty for internal steps.
    pub lines: Vec<u32>,
}

/// What a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StepKind {
    /// An image, the build context, a download or a repository.
    Source,
    /// An operation of an instruction.
    Operation,
    /// Something BuildKit does for an instruction: it prepares a document or a cache.
    Internal,
}

/// The steps of a build of the cut's target, each behind those it needs. Right only if the cut has no errors.
pub fn steps(parse: &Parse<'_>, graph: &StageGraph, cut: &Cut) -> Vec<BuildStep> {
    let mut builder = Builder {
        parse,
        graph,
        steps: Vec::new(),
        inputs: Vec::new(),
        keys: Vec::new(),
        known: HashMap::new(),
        ends: vec![None; graph.stages.len()],
        env: vec![BTreeMap::new(); graph.stages.len()],
    };
    for stage in graph.stages.iter().filter(|stage| cut.needs(stage.id)) {
        builder.stage(stage);
    }
    builder.finish(cut.target)
}

struct Builder<'g, 'p> {
    parse: &'g Parse<'p>,
    graph: &'g StageGraph,
    steps: Vec<BuildStep>,
    inputs: Vec<Vec<usize>>,
    /// What makes each step what it is, as a number.
    keys: Vec<usize>,
    known: HashMap<String, usize>,
    /// The last step of each stage.
    ends: Vec<Option<usize>>,
    /// The variables at the end of each stage.
    env: Vec<BTreeMap<String, String>>,
}

/// The numbers in the names of a stage.
struct Counter<'g> {
    stage: &'g Stage,
    total: usize,
    at: usize,
    is_single: bool,
}

impl Counter<'_> {
    fn prefix(&self, is_trigger: bool) -> String {
        if self.total == 0 {
            return String::new();
        }
        let stage = if self.is_single { String::new() } else { self.stage.display_name() + " " };
        let (at, total, width) = (self.at, self.total, self.total.to_string().len());
        let trigger = if is_trigger { "ONBUILD " } else { "" };
        format!("[{stage}{at:width$}/{total}] {trigger}")
    }
}

impl Builder<'_, '_> {
    fn stage(&mut self, stage: &Stage) {
        let base = self.graph.edges.iter().find_map(|edge| match edge.from {
            Node::Source(id) if edge.to == stage.id && edge.step == 0 && !edge.trigger => Some(id),
            Node::Source(_) | Node::Stage(_) => None,
        });
        let (is_image, is_context) = match base.map(|id| &self.graph.sources[id.0]) {
            Some(Source::Image { .. }) => (true, false),
            Some(Source::NamedContext { .. }) => (false, true),
            Some(Source::Scratch | Source::Context | Source::Remote(_) | Source::Invalid(_)) | None => {
                (false, false)
            }
        };
        // FIXME: BuildKit counts the FROM twice where nothing but a trigger needs the stage: `[a 2/2] FROM …`.
        let counted = stage.steps.iter().skip(1).filter(|step| counts(step.kind)).count();
        let mut counter = Counter {
            stage,
            // A named context counts like the image it stands in for, although its step has no number.
            total: usize::from(is_image || is_context) + counted + stage.triggers.len(),
            at: 0,
            is_single: self.graph.is_single,
        };
        let mut state = None;
        if is_image {
            counter.at += 1;
        }
        if let Some(id) = base.filter(|_| is_image || is_context) {
            let line = Some(stage.steps[0].lines.first);
            state = self.source(id, stage, &counter.prefix(false), line);
        }
        if let Start::Stage(base) = stage.start {
            state = self.ends[base.0];
            self.env[stage.id.0] = self.env[base.0].clone();
        }
        for command in &stage.commands {
            state = self.command(&mut counter, command, state);
        }
        self.ends[stage.id.0] = state;
    }

    fn command(
        &mut self,
        counter: &mut Counter<'_>,
        command: &Command,
        state: Option<usize>,
    ) -> Option<usize> {
        let stage = counter.stage;
        let line = Some(stage.steps[command.step].lines.first);
        let trigger = command.trigger.map(|at| syntax::parse_trigger(&stage.triggers[at].expression));
        let own = &self.parse.instructions[stage.steps[command.step].instruction];
        let flags = flags(trigger.as_ref().and_then(|it| it.instructions.first()).unwrap_or(own));
        let kind = command.trigger.map_or(stage.steps[command.step].kind, |at| stage.triggers[at].kind);
        let keyword = kind.keyword();
        let platform = stage.effective_platform.format();
        let is_trigger = command.trigger.is_some();
        let base = state.map(|state| self.keys[state]);
        match &command.effect {
            Effect::Env(pairs) => {
                self.env[stage.id.0].extend(pairs.iter().cloned());
                state
            }
            Effect::Arg(args) => {
                let set = args.iter().filter_map(|arg| Some((arg.name.clone(), arg.value.clone()?)));
                self.env[stage.id.0].extend(set);
                state
            }
            Effect::Workdir { makes: Some(path), .. } => {
                counter.at += 1;
                let key = format!("mkdir {base:?} {path} {platform}");
                let name = counter.prefix(is_trigger) + keyword;
                Some(self.step(key, StepKind::Operation, name, line, state.into_iter().collect()))
            }
            Effect::Run(ran) => {
                counter.at += 1;
                let name = counter.prefix(is_trigger) + keyword;
                let mut inputs: Vec<usize> = state.into_iter().collect();
                let extra = self.run_inputs(stage, command, ran);
                inputs.extend(&extra);
                let extra_keys = self.keys_of(&extra);
                let key = format!(
                    "run {base:?} {extra_keys:?} {ran:?} {:?} {flags} {platform}",
                    self.env[stage.id.0]
                );
                Some(self.step(key, StepKind::Operation, name, line, inputs))
            }
            Effect::Copy(copied) => {
                counter.at += 1;
                let name = counter.prefix(is_trigger) + keyword;
                let extra = self.copy_inputs(stage, command, copied, &name, line);
                let extra_keys = self.keys_of(&extra);
                let is_link = flags.contains("--link")
                    && !flags.contains("--link=false")
                    && !flags.contains("--chmod=");
                let key = format!("copy {extra_keys:?} {copied:?} {flags} {platform}");
                if !is_link {
                    let inputs = state.into_iter().chain(extra).collect();
                    return Some(self.step(
                        format!("{key} {base:?}"),
                        StepKind::Operation,
                        name,
                        line,
                        inputs,
                    ));
                }
                let files = self.step(format!("{key} alone"), StepKind::Operation, name, line, extra);
                let Some(state) = state else { return Some(files) };
                let name = format!("{}LINK {keyword}", counter.prefix(is_trigger));
                let key = format!("merge {base:?} {}", self.keys[files]);
                Some(self.step(key, StepKind::Operation, name, line, vec![state, files]))
            }
            Effect::Workdir { makes: None, .. }
            | Effect::Label(_)
            | Effect::User(_)
            | Effect::Volume(_)
            | Effect::Stopsignal(_)
            | Effect::Expose(_)
            | Effect::Shell(_)
            | Effect::Cmd(_)
            | Effect::Entrypoint(_)
            | Effect::Healthcheck(_)
            | Effect::Onbuild(_)
            | Effect::Maintainer(_)
            | Effect::Nothing => state,
        }
    }

    /// The step that brings something from outside, for a stage; `prefix` is for images.
    fn source(&mut self, id: SourceId, stage: &Stage, prefix: &str, line: Option<u32>) -> Option<usize> {
        let image = |reference: &str| format!("image {reference} {}", stage.effective_platform.format());
        let (key, name, line) = match &self.graph.sources[id.0] {
            Source::Image { reference, .. } => (image(reference), format!("{prefix}FROM {reference}"), line),
            Source::Context => ("context".to_owned(), "[internal] load build context".to_owned(), None),
            Source::NamedContext { name, value, content } => {
                let (key, does) = match content {
                    Content::Image { reference, .. } => {
                        (image(reference), value.strip_prefix("docker-image://").unwrap_or(value))
                    }
                    Content::Empty => return None,
                    Content::Directory => (format!("directory {name}"), "load from client"),
                    Content::Git => {
                        let name = format!("[internal] load git source {value}");
                        return Some(self.step(format!("git {value}"), StepKind::Source, name, None, vec![]));
                    }
                    Content::Url => (format!("file {value}"), value.as_str()),
                    Content::Layout => (format!("layout {name} {value}"), "OCI load from client"),
                };
                (key, format!("[context {name}] {does}"), None)
            }
            Source::Scratch | Source::Remote(_) | Source::Invalid(_) => return None,
        };
        Some(self.step(key, StepKind::Source, name, line, Vec::new()))
    }

    fn document(&mut self, name: &str, data: &str, platform: &str) -> usize {
        let key = format!("document {name:?} {data:?} {platform}");
        let name = "[internal] preparing inline document".to_owned();
        self.step(key, StepKind::Internal, name, None, Vec::new())
    }

    /// The last step of what a reference of the command takes from, in the order of its references.
    fn referred(&mut self, stage: &Stage, command: &Command, line: Option<u32>) -> Vec<Option<usize>> {
        let graph = self.graph;
        let edges = graph.edges.iter().filter(|edge| {
            edge.to == stage.id
                && edge.step == command.step
                && edge.trigger == command.trigger.is_some()
                && edge.carries
        });
        let mut found = Vec::new();
        for edge in edges.filter(|edge| edge.step > 0 || edge.trigger) {
            found.push(match edge.from {
                Node::Stage(from) => self.ends[from.0],
                Node::Source(id) => self.source(id, stage, "", line),
            });
        }
        found
    }

    fn run_inputs(&mut self, stage: &Stage, command: &Command, ran: &Ran) -> Vec<usize> {
        let platform = stage.effective_platform.format();
        let script = ran.script.as_ref().map(|it| self.document(&it.name, &it.data, &platform));
        let mut inputs: Vec<usize> = script.into_iter().collect();
        inputs.extend(self.referred(stage, command, None).into_iter().flatten());
        for mount in ran.mounts.iter().filter(|it| it.kind == MountType::Cache) {
            if mount.source.is_empty() && (mount.mode.is_some() || mount.uid.is_some() || mount.gid.is_some())
            {
                let key = format!("cache {:?} {:?} {:?}", mount.mode, mount.uid, mount.gid);
                let name = "[internal] setting cache mount permissions".to_owned();
                inputs.push(self.step(key, StepKind::Internal, name, None, Vec::new()));
            }
        }
        inputs
    }

    fn copy_inputs(
        &mut self,
        stage: &Stage,
        command: &Command,
        copied: &Copied,
        name: &str,
        line: Option<u32>,
    ) -> Vec<usize> {
        let platform = stage.effective_platform.format();
        let mut inputs: Vec<usize> = self.referred(stage, command, line).into_iter().flatten().collect();
        for source in copied.sources.iter().filter(|it| source_form(it) != SourceForm::Local) {
            inputs.push(self.step(
                format!("remote {source}"),
                StepKind::Source,
                name.to_owned(),
                None,
                vec![],
            ));
        }
        for inline in &copied.contents {
            inputs.push(self.document(&inline.name, &inline.data, &platform));
        }
        inputs
    }

    /// A step that is all in `key`; equal keys make one step in the end.
    fn step(
        &mut self,
        key: String,
        kind: StepKind,
        name: String,
        line: Option<u32>,
        inputs: Vec<usize>,
    ) -> usize {
        let next = self.known.len();
        self.keys.push(*self.known.entry(key).or_insert(next));
        self.steps.push(BuildStep { kind, name, lines: line.into_iter().collect() });
        self.inputs.push(inputs);
        self.steps.len() - 1
    }

    /// What makes the steps what they are.
    fn keys_of(&self, steps: &[usize]) -> Vec<usize> {
        steps.iter().map(|&step| self.keys[step]).collect()
    }

    /// The steps that the target's last one needs, each behind its inputs. Of equal ones the last name counts.
    fn finish(self, target: StageId) -> Vec<BuildStep> {
        let mut steps: Vec<BuildStep> = Vec::new();
        let mut places: HashMap<usize, usize> = HashMap::new();
        let mut seen = vec![false; self.steps.len()];
        let mut open: Vec<(usize, usize)> = self.ends[target.0].map(|id| (id, 0)).into_iter().collect();
        while let Some((id, at)) = open.pop() {
            if let Some(&input) = self.inputs[id].get(at) {
                open.push((id, at + 1));
                if !std::mem::replace(&mut seen[input], true) {
                    open.push((input, 0));
                }
                continue;
            }
            let place = *places.entry(self.keys[id]).or_insert(steps.len());
            let step = &self.steps[id];
            match steps.get_mut(place) {
                None => steps.push(step.clone()),
                Some(known) => {
                    known.name.clone_from(&step.name);
                    known.lines.extend(&step.lines);
                    known.lines.sort_unstable();
                    known.lines.dedup();
                }
            }
        }
        steps
    }
}

/// Whether BuildKit counts an instruction of a stage among its steps.
fn counts(kind: InstructionKind) -> bool {
    matches!(
        kind,
        InstructionKind::Add | InstructionKind::Copy | InstructionKind::Run | InstructionKind::Workdir
    )
}

/// The flags on one line, mounts and references left out: those are inputs.
fn flags(instruction: &Instruction<'_>) -> String {
    let flags = instruction.flags.iter().filter(|it| !matches!(it.name.text.as_ref(), "from" | "mount"));
    let text = flags.map(|flag| match &flag.value {
        Some(value) => format!("--{}={}", flag.name.text, value.text),
        None => format!("--{}", flag.name.text),
    });
    text.collect::<Vec<_>>().join(" ")
}
