//! From instructions to vertices.
//!
//! Surprising: variables are in the environment of RUN in the order in which they were last set, so that two ENV that
//! change places make another step; and a mount is what it comes from, whatever it calls that.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use super::{
    Copying, Label, Link, Op, Outside, Place, Plan, Read, ReadKind, Running, StepKind, VariableSet, Vertex,
    mount_target,
};
use crate::queries::step_names::{self, Flags};
use crate::stages::args::{Environments, ScopeId};
use crate::stages::git_ref::{SourceForm, source_form};
use crate::stages::mount::{Mount, MountType};
use crate::stages::variables::Variables;
use crate::stages::{
    Command, Content, Copied, Edge, Effect, Inline, Node, Ran, Source, Stage, Start, join_path,
};
use crate::syntax::{self, InstructionKind, Parse};

pub(super) struct Builder<'g, 'p> {
    pub(super) text: &'p str,
    pub(super) parse: &'p Parse<'p>,
    pub(super) plan: Plan<'g>,
    pub(super) known: HashMap<String, usize>,
    pub(super) environments: Environments,
    /// What each stage has come to.
    pub(super) ended: Vec<Ended>,
}

/// What a stage hands on to those that are FROM it.
#[derive(Clone, Default)]
pub(super) struct Ended {
    user: String,
    order: Order,
    settings: Option<usize>,
}

/// The variables that a stage has set, in the order in which each was last set.
#[derive(Clone, Default)]
struct Order {
    /// A number for all of them: a sum over each variable and the one in front of it, so that it is right at once,
    /// however many there are.
    number: u64,
    /// The name in front of each, and behind it.
    before: Variables,
    behind: Variables,
    last: Option<Rc<str>>,
}

/// A stage on the way.
struct Here<'g> {
    stage: &'g Stage,
    scope: ScopeId,
    platform: Rc<str>,
    /// How many numbers have been given.
    at: usize,
    /// The last vertex so far.
    state: Option<usize>,
    ended: Ended,
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
    pub(super) fn stage(&mut self, stage: &'g Stage) {
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
        let platform: Rc<str> = stage.effective_platform.format().into();
        let is_windows = stage.effective_platform.os == "windows";
        let mut here = match &stage.start {
            Start::Stage(base) => Here {
                stage,
                scope: self.environments.open_on(ScopeId(base.0)),
                platform,
                at: 0,
                state: self.plan.ends[base.0],
                ended: self.ended[base.0].clone(),
            },
            Start::Empty | Start::Image(_) | Start::UnknownImage => Here {
                stage,
                scope: self.environments.open(&stage.start, is_windows),
                platform,
                at: 0,
                state: None,
                ended: Ended {
                    user: match &stage.start {
                        Start::Image(config) => config.user.clone(),
                        Start::Empty | Start::UnknownImage | Start::Stage(_) => String::new(),
                    },
                    ..Ended::default()
                },
            },
        };
        here.at += usize::from(is_image);
        if let Some(base) = base.filter(|_| is_image || is_context) {
            let line = Some(stage.steps[0].lines.first);
            here.state = self.source(&here, base, Some(Place { stage: stage.id, row: 0 }), line);
        }
        for command in &stage.commands {
            self.command(&mut here, command);
        }
        self.plan.ends[stage.id.0] = here.state;
        self.ended.push(here.ended);
    }

    fn command(&mut self, here: &mut Here<'g>, command: &'g Command) {
        match &command.effect {
            Effect::Env(pairs) => {
                pairs.iter().for_each(|(name, value)| self.set(here, command.step, name, value));
            }
            Effect::Arg(args) => {
                for arg in args.iter().filter(|arg| arg.joins_environment()) {
                    arg.value.iter().for_each(|value| self.set(here, command.step, &arg.name, value));
                }
            }
            Effect::User(user) => here.ended.user.clone_from(user),
            Effect::Workdir { makes: Some(path), .. } => {
                let shown = self.shown(here, command, &[]);
                here.at += 1;
                let label = numbered(here, shown.is_trigger, shown.text, Link::None);
                let owner = here.ended.user.clone();
                let key = format!("mkdir {:?} {path} {owner} {}", self.state_key(here), here.platform);
                let op = Op::Mkdir { base: here.state, path, owner };
                here.state = Some(self.operation(here, command, key, op, label, shown.line));
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

    fn run(&mut self, here: &mut Here<'g>, command: &'g Command, ran: &'g Ran) {
        let secrets = ran.mounts.iter().filter(|mount| mount.kind == MountType::Secret);
        let secrets: Vec<&str> = secrets.filter_map(|mount| mount.env.as_deref()).collect();
        let shown = self.shown(here, command, &secrets);
        here.at += 1;
        let label = numbered(here, shown.is_trigger, shown.text, Link::None);
        let script = ran.script.as_ref().map(|it| self.document(it, "executable", &here.platform));
        // BuildKit sorts mounts by their targets. Each that takes from somewhere has a reference, in the same order.
        let target = |mount: &Mount| mount_target(mount, ran);
        let takes =
            |mount: &&Mount| mount.kind == MountType::Bind || is_cache(mount) && !mount.from.is_empty();
        let taken = self.referred(here, command, None);
        let mut targets: Vec<String> = ran.mounts.iter().filter(takes).map(target).collect();
        targets.resize(taken.len(), String::new());
        let mut taken: Vec<_> = targets.into_iter().zip(taken).collect();
        taken.sort_by(|a, b| a.0.cmp(&b.0));
        let referred: Vec<usize> = taken.iter().filter_map(|(_, (vertex, _))| *vertex).collect();
        let mut extra: Vec<usize> = script.into_iter().chain(referred.iter().copied()).collect();
        let n_read = extra.len();
        for mount in ran.mounts.iter().filter(|mount| sets_permissions(mount)) {
            let on = if mount.from.is_empty() { Vec::new() } else { self.keys_of(&referred) };
            let (mode, uid, gid) =
                (mount.mode.unwrap_or(0o755), mount.uid.unwrap_or(0), mount.gid.unwrap_or(0));
            let label = Label::Plain("[internal] setting cache mount permissions".to_owned());
            let key = format!("cache {mode} {uid} {gid} {on:?}");
            extra.push(self.vertex(key, StepKind::Internal, Op::CacheDirectory, label, Vec::new()));
        }
        // A mount is what it comes from, whatever it calls that.
        let mut mounts: Vec<Mount> =
            ran.mounts.iter().map(|it| Mount { from: String::new(), ..it.clone() }).collect();
        mounts.sort_by_cached_key(target);
        let key = format!(
            "run {:?} {:?} {mounts:?} {:?} {:?} {:?} {} {} {}",
            self.state_key(here),
            self.keys_of(&extra),
            ran.line.arguments,
            ran.workdir,
            ran.user,
            here.ended.order.number,
            shown.flags,
            here.platform
        );
        let read =
            |(from, path): (Option<usize>, &str)| Read { from, path: rooted(path), kind: ReadKind::Path };
        let taken = taken.into_iter().map(|(_, taken)| taken);
        let op = Op::Run(Running {
            base: here.state,
            reads: script.map(|it| (Some(it), "/")).into_iter().chain(taken).map(read).collect(),
            ran,
            flags: shown.flags.to_string(),
            settings: here.ended.settings,
            environment: here.ended.order.number,
            platform: here.platform.clone(),
        });
        let vertex = self.operation(here, command, key, op, label, shown.line);
        // A cache's directory is an input too.
        self.plan.vertices[vertex].inputs.extend(extra.into_iter().skip(n_read));
        here.state = Some(vertex);
    }

    fn copy(&mut self, here: &mut Here<'g>, command: &'g Command, copied: &'g Copied) {
        let shown = self.shown(here, command, &[]);
        here.at += 1;
        let label = |link| numbered(here, shown.is_trigger, shown.text.clone(), link);
        let local = self.referred(here, command, shown.line).first().and_then(|(vertex, _)| *vertex);
        let mut reads = Vec::with_capacity(copied.files.len());
        for (source, file) in copied.sources.iter().zip(&copied.files) {
            // Of one with parents, `files` has what they are seen from.
            let path = if copied.parents { rooted(source) } else { file.source.clone() };
            let kind = match source_form(source) {
                SourceForm::Local => ReadKind::Path,
                SourceForm::Http => ReadKind::File,
                SourceForm::Git(_) | SourceForm::BadGit(_) => ReadKind::Repository,
            };
            let from = match kind {
                ReadKind::Path => local,
                ReadKind::File | ReadKind::Repository => {
                    let key = format!("remote {source} {}", shown.flags);
                    let op = Op::Source(Outside::Remote(source.clone()));
                    Some(self.vertex(key, StepKind::Source, op, label(Link::None), Vec::new()))
                }
            };
            reads.push(Read { from, path, kind });
        }
        for inline in &copied.contents {
            let document = self.document(inline, "plain", &here.platform);
            reads.push(Read { from: Some(document), path: rooted(&inline.name), kind: ReadKind::File });
        }
        let mut extra: Vec<usize> = Vec::with_capacity(reads.len());
        for from in reads.iter().filter_map(|read| read.from) {
            if extra.last() != Some(&from) {
                extra.push(from);
            }
        }
        let extra_keys = self.keys_of(&extra);
        let keyword = shown.kind.keyword();
        let key = format!("{keyword} {extra_keys:?} {:?} {} {}", copied.files, shown.flags, here.platform);
        let is_add = shown.kind == InstructionKind::Add;
        let flags = shown.flags.of_files().to_owned();
        if !shown.flags.is_link {
            let key = format!("{key} {:?}", self.state_key(here));
            let op = Op::Copy(Copying { base: here.state, reads, copied, flags, is_add });
            here.state = Some(self.operation(here, command, key, op, label(Link::None), shown.line));
            return;
        }
        let op = Op::Copy(Copying { base: None, reads, copied, flags, is_add });
        let key = format!("{key} alone");
        let files = self.operation(here, command, key, op, label(Link::Copy), shown.line);
        // BuildKit: laid over nothing, the files are the result.
        let Some(base) = here.state else {
            here.state = Some(files);
            return;
        };
        let key = format!("merge {:?} {}", self.state_key(here), self.plan.vertices[files].key);
        let op = Op::Merge { base, files };
        here.state = Some(self.operation(here, command, key, op, label(Link::Merge), shown.line));
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

    /// The last vertex of whatever the references of the command take from, with the first path taken from there.
    fn referred(
        &mut self,
        here: &Here<'_>,
        command: &Command,
        line: Option<u32>,
    ) -> Vec<(Option<usize>, &'g str)> {
        let graph = self.plan.graph;
        let is_trigger = command.trigger.is_some();
        let is_own = |edge: &&Edge| edge.trigger == is_trigger && (edge.step > 0 || is_trigger);
        let edges = graph.edges_at(here.stage.id, command.step).iter();
        let mut found = Vec::new();
        for edge in edges.filter(is_own).filter(|edge| edge.carries) {
            let vertex = match edge.from {
                // A trigger may copy from its own stage: from what that has come to so far.
                Node::Stage(from) if from == here.stage.id => here.state,
                Node::Stage(from) => self.plan.ends[from.0],
                Node::Source(id) => self.source(here, &graph.sources[id.0], None, line),
            };
            let path = edge.paths.first().map_or("/", String::as_str);
            found.push((vertex, path));
        }
        found
    }

    /// The vertex that brings something from outside. `place` is the FROM that it is the base of; only then has it a
    /// number, and only an image.
    fn source(
        &mut self,
        here: &Here<'_>,
        source: &Source,
        place: Option<Place>,
        line: Option<u32>,
    ) -> Option<usize> {
        let image = |reference: &str| format!("image {reference} {}", here.platform);
        let outside = |reference: &str| Outside::Image {
            reference: reference.to_owned(),
            platform: here.platform.clone(),
        };
        let plain = |name: String| Label::Plain(name);
        let (key, label, line, outside) = match source {
            Source::Image { reference, .. } => {
                let name = format!("FROM {reference}");
                let label =
                    if place.is_some() { numbered(here, false, name, Link::None) } else { plain(name) };
                (image(reference), label, line, outside(reference))
            }
            Source::Context => {
                let name = "[internal] load build context".to_owned();
                ("context".to_owned(), plain(name), None, Outside::Context)
            }
            Source::NamedContext { name, value, content } => {
                let (key, does, outside) = match content {
                    Content::Image { reference, .. } => {
                        let does = value.strip_prefix("docker-image://").unwrap_or(value);
                        (image(reference), does, outside(reference))
                    }
                    Content::Empty => return None,
                    Content::Directory => {
                        (format!("directory {name}"), "load from client", Outside::Directory(name.clone()))
                    }
                    Content::Git => {
                        let label = plain(format!("[internal] load git source {value}"));
                        let op = Op::Source(Outside::Remote(value.clone()));
                        let key = format!("git {value}");
                        let vertex = self.vertex(key, StepKind::Source, op, label, Vec::new());
                        self.plan.vertices[vertex].place = place;
                        return Some(vertex);
                    }
                    Content::Url => (format!("file {value}"), value.as_str(), Outside::Remote(value.clone())),
                    Content::Layout => {
                        let outside = Outside::Layout(value.clone());
                        (format!("layout {name} {value}"), "OCI load from client", outside)
                    }
                };
                (key, plain(format!("[context {name}] {does}")), None, outside)
            }
            Source::Scratch | Source::Remote(_) | Source::Invalid(_) => return None,
        };
        let vertex = self.vertex(key, StepKind::Source, Op::Source(outside), label, Vec::new());
        self.plan.vertices[vertex].line = line;
        self.plan.vertices[vertex].place = place;
        Some(vertex)
    }

    fn document(&mut self, inline: &'g Inline, mode: &str, platform: &str) -> usize {
        let Inline { name, data } = inline;
        let key = format!("document {name:?} {data:?} {mode} {platform}");
        let label = Label::Plain("[internal] preparing inline document".to_owned());
        self.vertex(key, StepKind::Internal, Op::Document { data }, label, Vec::new())
    }

    /// The vertex of an instruction.
    fn operation(
        &mut self,
        here: &Here<'_>,
        command: &Command,
        key: String,
        op: Op<'g>,
        label: Label,
        line: Option<u32>,
    ) -> usize {
        let mut inputs: Vec<usize> = Vec::new();
        let (base, reads) = match &op {
            Op::Mkdir { base, .. } => (*base, &[][..]),
            Op::Run(ran) => (ran.base, &ran.reads[..]),
            Op::Copy(copying) => (copying.base, &copying.reads[..]),
            Op::Merge { base, files } => {
                inputs.push(*base);
                (Some(*files), &[][..])
            }
            Op::Source(_) | Op::Document { .. } | Op::CacheDirectory => (None, &[][..]),
        };
        for input in base.into_iter().chain(reads.iter().filter_map(|read| read.from)) {
            if inputs.last() != Some(&input) {
                inputs.push(input);
            }
        }
        let vertex = self.vertex(key, StepKind::Operation, op, label, inputs);
        self.plan.vertices[vertex].line = line;
        self.plan.vertices[vertex].place = Some(Place { stage: here.stage.id, row: command.step });
        vertex
    }

    /// A vertex that is all in `key`; equal keys make one step in the end.
    fn vertex(&mut self, key: String, kind: StepKind, op: Op<'g>, label: Label, inputs: Vec<usize>) -> usize {
        let next = self.known.len();
        let key = *self.known.entry(key).or_insert(next);
        self.plan.vertices.push(Vertex { kind, op, place: None, inputs, key, label, line: None });
        self.plan.vertices.len() - 1
    }

    fn state_key(&self, here: &Here<'_>) -> Option<usize> {
        here.state.map(|state| self.plan.vertices[state].key)
    }

    /// What makes the vertices what they are.
    fn keys_of(&self, vertices: &[usize]) -> Vec<usize> {
        vertices.iter().map(|&vertex| self.plan.vertices[vertex].key).collect()
    }

    fn set(&mut self, here: &mut Here<'_>, row: usize, name: &Rc<str>, value: &Rc<str>) {
        here.ended.order.set(self.environments.get(here.scope, name), name, value);
        self.environments.set(here.scope, name, value);
        let place = Place { stage: here.stage.id, row };
        let before = here.ended.settings;
        self.plan.settings.push(VariableSet { before, name: name.clone(), value: value.clone(), place });
        here.ended.settings = Some(self.plan.settings.len() - 1);
    }
}

impl Order {
    /// Puts a variable at the end; `old` is its value so far.
    fn set(&mut self, old: Option<&str>, name: &Rc<str>, value: &Rc<str>) {
        let is_last = self.last.as_ref() == Some(name);
        if let (Some(before), Some(old)) = (self.before.get(name), old) {
            self.number = self.number.wrapping_sub(number(name, old));
            if !is_last {
                let before: Rc<str> = before.into();
                let behind: Rc<str> = self.behind.get(name).unwrap_or_default().into();
                let gone = pair(&before, name).wrapping_add(pair(name, &behind));
                self.number = self.number.wrapping_sub(gone).wrapping_add(pair(&before, &behind));
                self.before.set(&behind, &before);
                self.behind.set(&before, &behind);
            }
        }
        if !is_last {
            let before = self.last.take().unwrap_or_else(|| "".into());
            self.number = self.number.wrapping_add(pair(&before, name));
            self.before.set(name, &before);
            self.behind.set(&before, name);
            self.last = Some(name.clone());
        }
        self.number = self.number.wrapping_add(number(name, value));
    }
}

/// A number for two variables that follow each other.
fn pair(before: &str, behind: &str) -> u64 {
    number(behind, before).rotate_left(1)
}

/// A path seen from the root.
fn rooted(path: &str) -> String {
    join_path(&["/", path])
}

fn numbered(here: &Here<'_>, is_trigger: bool, text: String, link: Link) -> Label {
    Label::Numbered { stage: here.stage.id, at: here.at, is_trigger, text, link }
}

fn number(name: &str, value: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (name, value).hash(&mut hasher);
    hasher.finish()
}

fn is_cache(mount: &Mount) -> bool {
    mount.kind == MountType::Cache
}

/// Whether BuildKit makes a directory for the mount before it mounts it.
fn sets_permissions(mount: &Mount) -> bool {
    is_cache(mount)
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
