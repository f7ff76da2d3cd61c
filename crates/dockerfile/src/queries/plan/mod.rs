//! Everything that a build does, as BuildKit's vertices: what each one is, what it takes, and which instruction it is of.
//!
//! Follows the `dispatch…` functions of `dockerfile2llb`. A plan is made once for a file and answers for every target:
//! [`super::steps`] names its vertices as BuildKit shows them, [`super::cache`] asks which of them run again.

mod builder;

use std::collections::HashMap;
use std::rc::Rc;

use crate::stages::args::Environments;
use crate::stages::mount::Mount;
use crate::stages::{Copied, Ran, StageGraph, StageId, join_path};
use crate::syntax::Parse;

use builder::Builder;

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
    /// The stages.
    pub graph: &'g StageGraph,
    /// The vertices of all stages, needed or not; each behind those it needs.
    pub vertices: Vec<Vertex<'g>>,
    /// The last vertex of each stage; `None` for one that is empty.
    pub ends: Vec<Option<usize>>,
    /// Every variable that a stage sets.
    pub settings: Vec<VariableSet>,
    /// The highest number of each stage's steps.
    pub(super) totals: Vec<usize>,
}

/// A step of one instruction; equal ones become one in the end.
pub struct Vertex<'g> {
    /// What kind it is.
    pub kind: StepKind,
    /// What it does.
    pub op: Op<'g>,
    /// The instruction it is made for; `None` for what several may have in common, like the build context.
    pub place: Option<Place>,
    /// The vertices it needs, each in front of this one.
    pub inputs: Vec<usize>,
    /// A number that vertices have in common which are one in the end.
    pub key: usize,
    pub(super) label: Label,
    pub(super) line: Option<u32>,
}

/// An instruction of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The stage.
    pub stage: StageId,
    /// The row in [`crate::stages::Stage::steps`]; 0 for the FROM, and for what it triggers.
    pub row: usize,
}

/// What a vertex does.
pub enum Op<'g> {
    /// Brings something from outside.
    Source(Outside),
    /// Prepares a document: a heredoc, as a file.
    Document {
        /// What is in it.
        data: &'g str,
    },
    /// Prepares the directory of a cache mount.
    CacheDirectory,
    /// WORKDIR makes a directory.
    Mkdir {
        /// What it stands on.
        base: Option<usize>,
        /// The directory.
        path: &'g str,
        /// Whose it is, or empty.
        owner: String,
    },
    /// RUN.
    Run(Running<'g>),
    /// COPY and ADD.
    Copy(Copying<'g>),
    /// The second half of `--link`: files are laid over what is there.
    Merge {
        /// What is there.
        base: usize,
        /// The vertex that has the files.
        files: usize,
    },
}

/// Something from outside.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outside {
    /// An image.
    Image {
        /// Its normalised reference.
        reference: String,
        /// The platform it is for.
        platform: Rc<str>,
    },
    /// The build context.
    Context,
    /// A named context that is a directory, by its name.
    Directory(String),
    /// A download or a repository.
    Remote(String),
    /// An image in an OCI layout.
    Layout(String),
}

/// A RUN.
pub struct Running<'g> {
    /// What it starts from.
    pub base: Option<usize>,
    /// What it mounts by content, and a script of a heredoc.
    pub reads: Vec<Read>,
    /// The instruction after expansion.
    pub ran: &'g Ran,
    /// Its flags but mounts.
    pub flags: String,
    /// The last variable set at this point: an index into [`Plan::settings`].
    pub settings: Option<usize>,
    /// A number for the environment: all variables in BuildKit's order.
    pub environment: u64,
    /// The platform it runs on.
    pub platform: Rc<str>,
}

/// A COPY or an ADD.
pub struct Copying<'g> {
    /// What it copies onto; nothing with `--link`.
    pub base: Option<usize>,
    /// Its sources: those of [`crate::stages::Copied::files`], in that order.
    pub reads: Vec<Read>,
    /// The instruction after expansion.
    pub copied: &'g Copied,
    /// Those of its flags that say how files are copied.
    pub flags: String,
    /// Whether it is an ADD.
    pub is_add: bool,
}

/// What a vertex takes of another.
#[derive(Clone, Debug)]
pub struct Read {
    /// The other; `None` if there is nothing to take from.
    pub from: Option<usize>,
    /// The path there, rooted; it may have wildcards for COPY and ADD.
    pub path: String,
    /// What it may be.
    pub kind: ReadKind,
}

/// What may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadKind {
    /// A file or a directory of a stage, an image or a context.
    Path,
    /// A file of its own: a download or a heredoc.
    File,
    /// A repository.
    Repository,
}

/// A variable of a stage that is set.
pub struct VariableSet {
    /// What was set before.
    pub before: Option<usize>,
    /// Its name.
    pub name: Rc<str>,
    /// Its value.
    pub value: Rc<str>,
    /// The ARG or ENV.
    pub place: Place,
}

impl Vertex<'_> {
    /// The context that it is: `Some(None)` for the build context, the name of another one.
    pub fn context(&self) -> Option<Option<&str>> {
        match &self.op {
            Op::Source(Outside::Context) => Some(None),
            Op::Source(Outside::Directory(name)) => Some(Some(name)),
            Op::Source(Outside::Image { .. } | Outside::Remote(_) | Outside::Layout(_))
            | Op::Document { .. }
            | Op::CacheDirectory
            | Op::Mkdir { .. }
            | Op::Run(_)
            | Op::Copy(_)
            | Op::Merge { .. } => None,
        }
    }
}

/// Where a mount is, from the root on.
pub(super) fn mount_target(mount: &Mount, ran: &Ran) -> String {
    match mount.target.starts_with('/') {
        true => mount.target.clone(),
        false => join_path(&["/", &ran.workdir, &mount.target]),
    }
}

/// What a vertex is called.
#[derive(Clone)]
pub(super) enum Label {
    /// That and no more.
    Plain(String),
    /// With the number of the step; `is_link` for the half of it that links files in.
    Numbered { stage: StageId, at: usize, is_trigger: bool, text: String, link: Link },
}

/// The two halves of COPY and ADD with `--link`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    /// Without `--link`.
    None,
    /// The files are copied to an empty place.
    Copy,
    /// They are laid over the stage.
    Merge,
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
                settings: Vec::new(),
                totals: Vec::with_capacity(n_stages),
            },
            known: HashMap::new(),
            environments: Environments::default(),
            ended: Vec::with_capacity(n_stages),
        };
        graph.stages.iter().for_each(|stage| builder.stage(stage));
        builder.plan
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
    pub fn visit(&self, target: StageId, mut visit: impl FnMut(usize)) {
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
}
