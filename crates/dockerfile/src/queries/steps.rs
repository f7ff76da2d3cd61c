//! The steps of a build as BuildKit shows them while it runs: `[stage 2/5] RUN make`.
//!
//! Follows the `dispatch…` functions and `prefixCommand` of `dockerfile2llb`. Surprising: identical operations on
//! identical inputs are one step, which has the name that BuildKit comes to last; the number behind the slash
//! counts every trigger and every WORKDIR, though some make no step; of a file with a single stage that refers to
//! nothing else the stage is not named; and the FROM of a stage that only a trigger needs is counted twice, so
//! that the number in front of the slash may be the greater one.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::fmt::Write;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use super::cut::Cut;
use super::step_names::{self, Flags};
use crate::stages::args::{Environments, ScopeId};
use crate::stages::git_ref::{SourceForm, source_form};
use crate::stages::mount::{Mount, MountType};
use crate::stages::{
    Command, Content, Copied, Edge, Effect, Node, Ran, Source, Stage, StageGraph, StageId, Start, join_path,
};
use crate::syntax::{self, InstructionKind, Parse};

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

/// Everything that builds of the stages of a file do. Made once, it answers for every target.
pub struct Plan<'g> {
    graph: &'g StageGraph,
    vertices: Vec<Vertex>,
    /// The last vertex of each stage.
    ends: Vec<Option<usize>>,
    /// The highest number of each stage's steps.
    totals: Vec<usize>,
}

/// A step of one instruction; equal ones become one in the end.
struct Vertex {
    kind: StepKind,
    label: Label,
    line: Option<u32>,
    inputs: Vec<usize>,
    /// What makes it what it is, as a number.
    key: usize,
}

/// What a vertex is called.
#[derive(Clone)]
enum Label {
    /// That and no more.
    Plain(String),
    /// With the number of the step; `is_link` for the half of it that links files in.
    Numbered { stage: StageId, at: usize, is_trigger: bool, text: String, link: Link },
}

/// The two halves of COPY and ADD with `--link`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Link {
    /// Without `--link`.
    None,
    /// The files are copied to an empty place.
    Copy,
    /// They are laid over the stage.
    Merge,
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

impl<'g> Plan<'g> {
    /// Takes in all stages. `text` is what `parse` was read from.
    pub fn of(text: &str, parse: &Parse<'_>, graph: &'g StageGraph) -> Plan<'g> {
        let n_stages = graph.stages.len();
        let mut builder = Builder {
            text,
            parse,
            plan: Plan {
                graph,
                vertices: Vec::new(),
                ends: vec![None; n_stages],
                totals: Vec::with_capacity(n_stages),
            },
            known: HashMap::new(),
            environments: Environments::default(),
            variables: Vec::with_capacity(n_stages),
            users: Vec::with_capacity(n_stages),
        };
        graph.stages.iter().for_each(|stage| builder.stage(stage));
        builder.plan
    }

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
                    steps.push(BuildStep { kind: vertex.kind, name: String::new(), lines, group: None });
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

    /// The operations of the instructions of all stages: the stage, the line, and a number that operations have in
    /// common which are one in the end. Those of triggers are left out.
    pub(crate) fn operations(&self) -> impl Iterator<Item = (StageId, u32, usize)> {
        self.vertices.iter().filter_map(|vertex| match vertex.label {
            Label::Numbered { stage, is_trigger: false, .. } if vertex.kind == StepKind::Operation => {
                Some((stage, vertex.line?, vertex.key))
            }
            Label::Numbered { .. } | Label::Plain(_) => None,
        })
    }

    /// How many operations a build of the stage comes to, where equal ones count once.
    pub fn n_operations(&self, target: StageId) -> usize {
        let mut keys = Vec::new();
        self.visit(target, |id| {
            if self.vertices[id].kind != StepKind::Source {
                keys.push(self.vertices[id].key);
            }
        });
        keys.sort_unstable();
        keys.dedup();
        keys.len()
    }

    /// Visits what the last step of the target needs, each behind its inputs.
    fn visit(&self, target: StageId, mut visit: impl FnMut(usize)) {
        let mut seen = vec![false; self.vertices.len()];
        let mut open: Vec<(usize, usize)> = self.ends[target.0].map(|id| (id, 0)).into_iter().collect();
        while let Some((id, at)) = open.pop() {
            match self.vertices[id].inputs.get(at) {
                Some(&input) => {
                    open.push((id, at + 1));
                    if !std::mem::replace(&mut seen[input], true) {
                        open.push((input, 0));
                    }
                }
                None => visit(id),
            }
        }
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

struct Builder<'g, 'p> {
    text: &'p str,
    parse: &'p Parse<'p>,
    plan: Plan<'g>,
    known: HashMap<String, usize>,
    environments: Environments,
    /// A number for the variables at the end of each stage; equal variables have equal numbers.
    variables: Vec<u64>,
    /// The user at the end of each stage.
    users: Vec<String>,
}

/// A stage on the way.
struct Here<'g> {
    stage: &'g Stage,
    scope: ScopeId,
    platform: String,
    /// How many numbers have been given.
    at: usize,
    /// The last vertex so far.
    state: Option<usize>,
    user: String,
    variables: u64,
}

/// An instruction on the way.
struct Shown {
    text: String,
    flags: Flags,
    line: Option<u32>,
    is_trigger: bool,
    kind: InstructionKind,
}

impl<'g> Builder<'g, '_> {
    fn stage(&mut self, stage: &'g Stage) {
        let graph = self.plan.graph;
        let base = graph.base_source(stage.id);
        // A named context counts like the image it stands in for, although its step has no number.
        let (is_image, is_context) = match base {
            Some(Source::Image { .. }) => (true, false),
            Some(Source::NamedContext { .. }) => (false, true),
            Some(Source::Scratch | Source::Context | Source::Remote(_) | Source::Invalid(_)) | None => {
                (false, false)
            }
        };
        let counted = stage.steps.iter().skip(1).filter(|step| counts(step.kind)).count();
        self.plan.totals.push(usize::from(is_image || is_context) + counted + stage.triggers.len());
        let platform = stage.effective_platform.format();
        let is_windows = stage.effective_platform.os == "windows";
        let mut here = match &stage.start {
            Start::Stage(base) => Here {
                stage,
                scope: self.environments.open_on(ScopeId(base.0)),
                platform,
                at: 0,
                state: self.plan.ends[base.0],
                user: self.users[base.0].clone(),
                variables: self.variables[base.0],
            },
            Start::Empty | Start::Image(_) | Start::UnknownImage => Here {
                stage,
                scope: self.environments.open(&stage.start, is_windows),
                platform,
                at: 0,
                state: None,
                user: match &stage.start {
                    Start::Image(config) => config.user.clone(),
                    Start::Empty | Start::UnknownImage | Start::Stage(_) => String::new(),
                },
                variables: 0,
            },
        };
        here.at += usize::from(is_image);
        if let Some(base) = base.filter(|_| is_image || is_context) {
            let line = Some(stage.steps[0].lines.first);
            here.state = self.source(&here, base, is_image, line);
        }
        for command in &stage.commands {
            self.command(&mut here, command);
        }
        self.plan.ends[stage.id.0] = here.state;
        self.variables.push(here.variables);
        self.users.push(here.user);
    }

    fn command(&mut self, here: &mut Here<'g>, command: &'g Command) {
        match &command.effect {
            Effect::Env(pairs) => pairs.iter().for_each(|(name, value)| self.set(here, name, value)),
            Effect::Arg(args) => {
                for arg in args.iter().filter(|arg| arg.joins_environment()) {
                    arg.value.iter().for_each(|value| self.set(here, &arg.name, value));
                }
            }
            Effect::User(user) => here.user.clone_from(user),
            Effect::Workdir { makes: Some(path), .. } => {
                let shown = self.shown(here, command, &[]);
                here.at += 1;
                let label = numbered(here, shown.is_trigger, shown.text, Link::None);
                let key = format!("mkdir {:?} {path} {} {}", self.state_key(here), here.user, here.platform);
                let inputs = here.state.into_iter().collect();
                here.state = Some(self.vertex(key, StepKind::Operation, label, shown.line, inputs));
            }
            Effect::Run(ran) => self.run(here, command, ran),
            Effect::Copy(copied) => self.copy(here, command, copied),
            Effect::Workdir { makes: None, .. }
            | Effect::Label(_)
            | Effect::Volume(_)
            | Effect::Stopsignal(_)
            | Effect::Expose(_)
            | Effect::Shell(_)
            | Effect::Cmd(_)
            | Effect::Entrypoint(_)
            | Effect::Healthcheck(_)
            | Effect::Onbuild(_)
            | Effect::Maintainer(_)
            | Effect::Nothing => {}
        }
    }

    fn run(&mut self, here: &mut Here<'g>, command: &Command, ran: &Ran) {
        let secrets = ran.mounts.iter().filter(|mount| mount.kind == MountType::Secret);
        let secrets: Vec<&str> = secrets.filter_map(|mount| mount.env.as_deref()).collect();
        let shown = self.shown(here, command, &secrets);
        here.at += 1;
        let label = numbered(here, shown.is_trigger, shown.text, Link::None);
        let script =
            ran.script.as_ref().map(|it| self.document(&it.name, &it.data, "executable", &here.platform));
        let referred = self.referred(here, command, None);
        let mut extra: Vec<usize> = script.into_iter().chain(referred.iter().copied()).collect();
        for mount in ran.mounts.iter().filter(|mount| sets_permissions(mount)) {
            let on = if mount.from.is_empty() { Vec::new() } else { self.keys_of(&referred) };
            let (mode, uid, gid) =
                (mount.mode.unwrap_or(0o755), mount.uid.unwrap_or(0), mount.gid.unwrap_or(0));
            let label = Label::Plain("[internal] setting cache mount permissions".to_owned());
            let key = format!("cache {mode} {uid} {gid} {on:?}");
            extra.push(self.vertex(key, StepKind::Internal, label, None, Vec::new()));
        }
        // A mount is what it comes from, whatever it calls that.
        let mounts: Vec<Mount> =
            ran.mounts.iter().map(|it| Mount { from: String::new(), ..it.clone() }).collect();
        let key = format!(
            "run {:?} {:?} {mounts:?} {:?} {:?} {:?} {} {} {}",
            self.state_key(here),
            self.keys_of(&extra),
            ran.line.arguments,
            ran.workdir,
            ran.user,
            here.variables,
            shown.flags,
            here.platform
        );
        let inputs = here.state.into_iter().chain(extra).collect();
        here.state = Some(self.vertex(key, StepKind::Operation, label, shown.line, inputs));
    }

    fn copy(&mut self, here: &mut Here<'g>, command: &Command, copied: &Copied) {
        let shown = self.shown(here, command, &[]);
        here.at += 1;
        let label = |link| numbered(here, shown.is_trigger, shown.text.clone(), link);
        let mut extra = self.referred(here, command, shown.line);
        for source in copied.sources.iter().filter(|it| source_form(it) != SourceForm::Local) {
            let key = format!("remote {source} {}", shown.flags);
            extra.push(self.vertex(key, StepKind::Source, label(Link::None), None, Vec::new()));
        }
        for inline in &copied.contents {
            extra.push(self.document(&inline.name, &inline.data, "plain", &here.platform));
        }
        let extra_keys = self.keys_of(&extra);
        let keyword = shown.kind.keyword();
        let key = format!("{keyword} {extra_keys:?} {:?} {} {}", copied.files, shown.flags, here.platform);
        let operation = StepKind::Operation;
        if !shown.flags.is_link {
            let inputs = here.state.into_iter().chain(extra).collect();
            let key = format!("{key} {:?}", self.state_key(here));
            here.state = Some(self.vertex(key, operation, label(Link::None), shown.line, inputs));
            return;
        }
        let files = self.vertex(format!("{key} alone"), operation, label(Link::Copy), shown.line, extra);
        // BuildKit: laid over nothing, the files are the result.
        let Some(state) = here.state else {
            here.state = Some(files);
            return;
        };
        let key = format!("merge {:?} {}", self.state_key(here), self.plan.vertices[files].key);
        here.state = Some(self.vertex(key, operation, label(Link::Merge), shown.line, vec![state, files]));
    }

    /// How BuildKit shows the instruction at this point.
    fn shown(&self, here: &Here<'_>, command: &Command, secrets: &[&str]) -> Shown {
        let step = &here.stage.steps[command.step];
        let line = Some(step.lines.first);
        let lookup = |name: &str| self.environments.get(here.scope, name);
        let escape = self.parse.escape;
        match command.trigger {
            None => {
                let instruction = &self.parse.instructions[step.instruction];
                let code = instruction.code(self.text, escape);
                let text = step_names::text(instruction, &code, escape, secrets, &lookup);
                let flags = Flags::of(instruction, escape, &lookup);
                Shown { text, flags, line, is_trigger: false, kind: instruction.kind }
            }
            Some(at) => {
                let expression = &here.stage.triggers[at].expression;
                let parse = syntax::parse_trigger(expression);
                let (text, flags, kind) = match parse.instructions.first() {
                    // A trigger is read with the default escape, and expanded with that of the file.
                    Some(instruction) => {
                        let code = instruction.code(expression, parse.escape);
                        let text = step_names::text(instruction, &code, escape, secrets, &lookup);
                        (text, Flags::of(instruction, escape, &lookup), instruction.kind)
                    }
                    None => (String::new(), Flags::default(), InstructionKind::Unknown),
                };
                Shown { text, flags, line, is_trigger: true, kind }
            }
        }
    }

    /// The last vertex of whatever the references of the command take from.
    fn referred(&mut self, here: &Here<'_>, command: &Command, line: Option<u32>) -> Vec<usize> {
        let graph = self.plan.graph;
        let is_trigger = command.trigger.is_some();
        let is_own = |edge: &&Edge| edge.trigger == is_trigger && (edge.step > 0 || is_trigger);
        let edges = graph.edges_at(here.stage.id, command.step).iter();
        let mut found = Vec::new();
        for edge in edges.filter(is_own).filter(|edge| edge.carries) {
            found.extend(match edge.from {
                // A trigger may copy from its own stage: from what that has come to so far.
                Node::Stage(from) if from == here.stage.id => here.state,
                Node::Stage(from) => self.plan.ends[from.0],
                Node::Source(id) => self.source(here, &graph.sources[id.0], false, line),
            });
        }
        found
    }

    /// The vertex that brings something from outside. Only the base of a stage has a number, and only an image.
    fn source(
        &mut self,
        here: &Here<'_>,
        source: &Source,
        is_numbered: bool,
        line: Option<u32>,
    ) -> Option<usize> {
        let image = |reference: &str| format!("image {reference} {}", here.platform);
        let (key, name, line) = match source {
            Source::Image { reference, .. } => (image(reference), format!("FROM {reference}"), line),
            Source::Context => ("context".to_owned(), "[internal] load build context".to_owned(), None),
            Source::NamedContext { name, value, content } => {
                let (key, does) = match content {
                    Content::Image { reference, .. } => {
                        (image(reference), value.strip_prefix("docker-image://").unwrap_or(value))
                    }
                    Content::Empty => return None,
                    Content::Directory => (format!("directory {name}"), "load from client"),
                    Content::Git => {
                        let label = Label::Plain(format!("[internal] load git source {value}"));
                        let key = format!("git {value}");
                        return Some(self.vertex(key, StepKind::Source, label, None, Vec::new()));
                    }
                    Content::Url => (format!("file {value}"), value.as_str()),
                    Content::Layout => (format!("layout {name} {value}"), "OCI load from client"),
                };
                (key, format!("[context {name}] {does}"), None)
            }
            Source::Scratch | Source::Remote(_) | Source::Invalid(_) => return None,
        };
        let label = match is_numbered {
            true => numbered(here, false, name, Link::None),
            false => Label::Plain(name),
        };
        Some(self.vertex(key, StepKind::Source, label, line, Vec::new()))
    }

    fn document(&mut self, name: &str, data: &str, mode: &str, platform: &str) -> usize {
        let key = format!("document {name:?} {data:?} {mode} {platform}");
        let label = Label::Plain("[internal] preparing inline document".to_owned());
        self.vertex(key, StepKind::Internal, label, None, Vec::new())
    }

    /// A vertex that is all in `key`; equal keys make one step in the end.
    fn vertex(
        &mut self,
        key: String,
        kind: StepKind,
        label: Label,
        line: Option<u32>,
        inputs: Vec<usize>,
    ) -> usize {
        let next = self.known.len();
        let key = *self.known.entry(key).or_insert(next);
        self.plan.vertices.push(Vertex { kind, label, line, inputs, key });
        self.plan.vertices.len() - 1
    }

    fn state_key(&self, here: &Here<'_>) -> Option<usize> {
        here.state.map(|state| self.plan.vertices[state].key)
    }

    /// What makes the vertices what they are.
    fn keys_of(&self, vertices: &[usize]) -> Vec<usize> {
        vertices.iter().map(|&vertex| self.plan.vertices[vertex].key).collect()
    }

    /// Sets a variable. The number for all of them is a sum, so that it is right at once, however many there are.
    fn set(&mut self, here: &mut Here<'_>, name: &Rc<str>, value: &Rc<str>) {
        if let Some(old) = self.environments.get(here.scope, name) {
            here.variables = here.variables.wrapping_sub(number(name, old));
        }
        here.variables = here.variables.wrapping_add(number(name, value));
        self.environments.set(here.scope, name, value);
    }
}

fn numbered(here: &Here<'_>, is_trigger: bool, text: String, link: Link) -> Label {
    Label::Numbered { stage: here.stage.id, at: here.at, is_trigger, text, link }
}

fn number(name: &str, value: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (name, value).hash(&mut hasher);
    hasher.finish()
}

/// Whether BuildKit makes a directory for the mount before it mounts it.
fn sets_permissions(mount: &Mount) -> bool {
    mount.kind == MountType::Cache
        && join_path(&["/", &mount.source]) == "/"
        && (mount.mode.is_some() || mount.uid.is_some() || mount.gid.is_some())
}

/// Whether BuildKit counts an instruction of a stage among its steps.
fn counts(kind: InstructionKind) -> bool {
    matches!(
        kind,
        InstructionKind::Add | InstructionKind::Copy | InstructionKind::Run | InstructionKind::Workdir
    )
}
