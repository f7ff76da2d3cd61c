//! What can be given to a build of a target: arguments, secrets, SSH agents, caches; and the list of targets.
//!
//! Follows `dockerfile2llb/outline.go` and `ListTargets`. Surprising: of two definitions of an argument the
//! target's own wins over that of its base, and that over those of the stages it takes files from; a stage that
//! asks for a global argument shows the global definition; and BuildKit never comes to an end where triggers
//! make stages depend on each other.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::cut::Cut;
use crate::stages::mount::{Mount, MountType};
use crate::stages::{ArgValue, Effect, Node, Stage, StageGraph, StageId, Start, arg_description, join_path};
use crate::syntax::Parse;

/// What a build can be given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Arguments, in file order.
    pub args: Vec<OutlineArg>,
    /// Secrets, in file order of their first mention.
    pub secrets: Vec<OutlineSecret>,
    /// SSH agents, likewise.
    pub ssh: Vec<OutlineSecret>,
    /// Cache mounts of what is executed, by id, equal ones once.
    pub caches: Vec<OutlineCache>,
    /// Whether stages depend on each other in a circle that only triggers make: BuildKit does not survive the
    /// question then.
    pub recurses: bool,
}

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutlineArg {
    /// Its name.
    pub name: String,
    /// Its value; empty if nothing sets it.
    pub value: String,
    /// What the comment above says of it.
    pub description: String,
    /// The line of the definition.
    pub line: u32,
}

/// A secret or an SSH agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutlineSecret {
    /// Its id.
    pub id: String,
    /// Whether the build fails without.
    pub required: bool,
    /// The line of the first mention.
    pub line: u32,
}

/// A cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutlineCache {
    /// Its id.
    pub id: String,
    /// Where it is mounted.
    pub target: String,
    /// `shared`, `private` or `locked`.
    pub sharing: String,
    /// The line of the first mount.
    pub line: u32,
}

/// A stage as a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetRow {
    /// The stage.
    pub stage: StageId,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// What the comment above says of it.
    pub description: Option<String>,
    /// The base as written.
    pub base: String,
    /// The platform as written.
    pub platform: Option<String>,
    /// Whether it is what a build without a target makes.
    pub is_default: bool,
    /// The line of its FROM.
    pub line: u32,
}

/// All stages as targets, in file order.
pub fn targets(parse: &Parse<'_>, graph: &StageGraph) -> Vec<TargetRow> {
    let row = |stage: &Stage| {
        let from = parse.instructions.get(stage.steps[0].instruction);
        let platform = from.and_then(|from| from.flag("platform")).map(|word| word.text.to_string());
        TargetRow {
            stage: stage.id,
            name: stage.name.clone(),
            description: stage.description.clone(),
            base: stage.base_text.clone(),
            platform: platform.filter(|it| !it.is_empty()),
            is_default: stage.id.0 + 1 == graph.stages.len(),
            line: stage.steps[0].lines.first,
        }
    };
    graph.stages.iter().map(row).collect()
}

/// What a build of the cut's target can be given. It is BuildKit's answer only if [`Cut::converts`].
pub fn outline(parse: &Parse<'_>, graph: &StageGraph, cut: &Cut) -> Outline {
    if recurses(graph, cut.target) {
        return Outline { recurses: true, ..Outline::default() };
    }
    let mut outline = Outline { caches: caches(graph, cut), ..Outline::default() };
    let mut found = Found::default();
    for stage in order(graph, cut.target) {
        found.stage(parse, graph, stage);
    }
    outline.args = found.args.into_values().collect();
    outline.args.sort_by_key(|arg| arg.line);
    outline.secrets = in_file_order(found.secrets);
    outline.ssh = in_file_order(found.ssh);
    outline
}

fn in_file_order(found: BTreeMap<String, (bool, u32)>) -> Vec<OutlineSecret> {
    let mut list: Vec<OutlineSecret> =
        found.into_iter().map(|(id, (required, line))| OutlineSecret { id, required, line }).collect();
    list.sort_by_key(|secret| secret.line);
    list
}

/// The stages that a stage depends on: its base first, then those it takes files from.
fn dependencies(graph: &StageGraph, stage: StageId) -> Vec<StageId> {
    let base = match &graph.stages[stage.0].start {
        Start::Stage(base) => Some(*base),
        Start::Empty | Start::Image(_) | Start::UnknownImage => None,
    };
    let first = graph.edges.partition_point(|edge| edge.to < stage);
    let edges = graph.edges[first..].iter().take_while(|edge| edge.to == stage);
    let others = edges.filter_map(|edge| match edge.from {
        Node::Stage(from) => Some(from),
        Node::Source(_) => None,
    });
    base.into_iter().chain(others).collect()
}

/// The target and all it depends on, each once, in the order in which BuildKit asks them.
fn order(graph: &StageGraph, target: StageId) -> Vec<StageId> {
    let mut seen = HashSet::new();
    let mut open = vec![target];
    let mut order = Vec::new();
    while let Some(stage) = open.pop() {
        if seen.insert(stage) {
            order.push(stage);
            open.extend(dependencies(graph, stage).into_iter().rev());
        }
    }
    order
}

/// Whether the dependencies of a stage run in a circle.
fn recurses(graph: &StageGraph, target: StageId) -> bool {
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; graph.stages.len()];
    let mut path = vec![(target, dependencies(graph, target))];
    marks[target.0] = Mark::Open;
    while let Some((stage, rest)) = path.last_mut() {
        match rest.pop() {
            None => {
                marks[stage.0] = Mark::Done;
                path.pop();
            }
            Some(next) => match marks[next.0] {
                Mark::Open => return true,
                Mark::Done => {}
                Mark::New => {
                    marks[next.0] = Mark::Open;
                    path.push((next, dependencies(graph, next)));
                }
            },
        }
    }
    false
}

/// What was found so far; the first find stays.
#[derive(Default)]
struct Found {
    args: BTreeMap<String, OutlineArg>,
    secrets: BTreeMap<String, (bool, u32)>,
    ssh: BTreeMap<String, (bool, u32)>,
}

impl Found {
    fn stage(&mut self, parse: &Parse<'_>, graph: &StageGraph, id: StageId) {
        let stage = &graph.stages[id.0];
        // A base hands on what its FROM uses, not what its instructions do.
        let mut used: BTreeSet<&str> = BTreeSet::new();
        let mut next = Some(id);
        while let Some(stage) = next.map(|id| &graph.stages[id.0]) {
            used.extend(stage.uses.iter().map(String::as_str));
            next = match &stage.start {
                Start::Stage(base) => Some(*base),
                Start::Empty | Start::Image(_) | Start::UnknownImage => None,
            };
        }
        let mut own: BTreeMap<String, OutlineArg> = BTreeMap::new();
        for command in &stage.commands {
            let row = &stage.steps[command.step];
            let line = row.lines.first;
            if let Effect::Run(ran) = &command.effect {
                ran.mounts.iter().for_each(|mount| self.mount(mount, line));
            }
            if let Effect::Arg(args) = &command.effect {
                for ArgValue { name, value, is_global } in args {
                    used.insert(name);
                    if !is_global {
                        let comments = parse.instructions.get(row.instruction).map(|it| &it.comments);
                        let comments = comments.filter(|_| command.trigger.is_none());
                        let description = comments.and_then(|it| arg_description(it, name));
                        let (name, value) =
                            (name.to_string(), value.as_deref().unwrap_or_default().to_owned());
                        let description = description.unwrap_or_default();
                        own.insert(name.clone(), OutlineArg { name, value, description, line });
                    }
                }
            }
        }
        let mut open: Vec<&str> = used.into_iter().collect();
        let mut seen: HashSet<&str> = HashSet::new();
        while let Some(name) = open.pop() {
            if !seen.insert(name) {
                continue;
            }
            let global = graph.globals.iter().find(|arg| arg.name == name);
            let arg = match (own.remove(name), global) {
                (Some(arg), _) => arg,
                (None, Some(global)) => {
                    open.extend(global.uses.iter().map(String::as_str));
                    OutlineArg {
                        name: global.name.clone(),
                        value: global.value.clone().unwrap_or_default(),
                        description: global.description.clone().unwrap_or_default(),
                        line: graph.preamble[global.step].lines.first,
                    }
                }
                (None, None) => continue,
            };
            self.args.entry(name.to_owned()).or_insert(arg);
        }
    }

    fn mount(&mut self, mount: &Mount, line: u32) {
        match mount.kind {
            MountType::Secret => {
                let base_name = || mount.target.rsplit('/').next().unwrap_or_default().to_owned();
                let named = [&mount.source, &mount.id].into_iter().find(|it| !it.is_empty());
                let id = named.cloned().unwrap_or_else(base_name);
                self.secrets.entry(id).or_insert((mount.required, line));
            }
            MountType::Ssh => {
                let id = if mount.id.is_empty() { "default".to_owned() } else { mount.id.clone() };
                self.ssh.entry(id).or_insert((mount.required, line));
            }
            MountType::Bind | MountType::Cache | MountType::Tmpfs => {}
        }
    }
}

/// The caches of all that is executed, sorted.
fn caches(graph: &StageGraph, cut: &Cut) -> Vec<OutlineCache> {
    let mut caches = Vec::new();
    for stage in graph.stages.iter().filter(|stage| cut.stages[stage.id.0].used) {
        for command in &stage.commands {
            let Effect::Run(ran) = &command.effect else { continue };
            for mount in ran.mounts.iter().filter(|mount| mount.kind == MountType::Cache) {
                let target = match mount.target.starts_with('/') {
                    true => mount.target.clone(),
                    false => join_path(&["/", &ran.workdir, &mount.target]),
                };
                let sharing = if mount.sharing.is_empty() { "shared" } else { &mount.sharing };
                let line = stage.steps[command.step].lines.first;
                caches.push(OutlineCache { id: mount.id.clone(), target, sharing: sharing.to_owned(), line });
            }
        }
    }
    caches.sort_by(|a, b| (&a.id, &a.target, &a.sharing).cmp(&(&b.id, &b.target, &b.sharing)));
    caches.dedup_by(|a, b| (&a.id, &a.target, &a.sharing) == (&b.id, &b.target, &b.sharing));
    caches
}
