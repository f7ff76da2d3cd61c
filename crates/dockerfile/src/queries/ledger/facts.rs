//! What each instruction does to the files of its stage, one fact after the other.
//!
//! Stages are taken in file order, so what an earlier one has is known when a later one copies from it.

use std::collections::HashMap;
use std::rc::Rc;

use super::names;
use super::paths::{self, Relation, relation};
use super::tools::Deed;
use super::tree::Tree;
use super::{At, Certainty, How, Package, Place, Shape};
use crate::context::{BuildContext, Received};
use crate::queries::Cut;
use crate::stages::{Content, EdgeKind, Effect, Node, Source, SourceId, Stage, StageGraph, StageId};

/// How many stages are followed that are built on each other.
pub(super) const MAX_BASES: usize = 64;
/// Files of the build context that are told one by one.
const MAX_LISTED: usize = 5000;
/// Variables that are carried along.
const MAX_VARIABLES: usize = 256;

/// Something that an instruction does to a path.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    pub(super) at: At,
    pub(super) path: String,
    /// What it makes; of a pattern, what each match is.
    pub(super) shape: Shape,
    pub(super) does: Does,
    pub(super) how: How,
    pub(super) certainty: Certainty,
    /// What it is made from.
    pub(super) reads: Vec<Read>,
    /// What is left out of it (`--exclude`), relative to the path.
    pub(super) excludes: Vec<String>,
    /// What is known of the files in it.
    pub(super) listing: Listing,
}

/// What is known of the files in a directory that is copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Listing {
    /// Nothing.
    #[default]
    Unknown,
    /// All of them: each is a fact of its own, and there are no others.
    Whole,
    /// This is one of them, or a directory of them.
    Part,
}

/// What a fact is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Does {
    /// It makes the path.
    Makes,
    /// It makes it in a mount, which is gone afterwards: the kind and the target.
    Loses(&'static str, String),
    /// It changes what is there, with everything below or not.
    Changes(bool),
    /// It removes it.
    Removes,
}

/// Something that an instruction reads.
#[derive(Clone, Debug)]
pub(super) struct Read {
    pub(super) place: Place,
    pub(super) path: String,
    pub(super) shape: Shape,
    /// How many facts of the stage come before, if it is the stage itself.
    pub(super) before: Option<usize>,
    /// Whether what is below the path comes from below this one.
    pub(super) is_copy: bool,
    pub(super) is_mount: bool,
}

/// A RUN of which not everything is known.
#[derive(Clone, Debug)]
pub(super) struct Opaque {
    pub(super) at: At,
    /// Whether it writes only where packages go.
    pub(super) is_system: bool,
    pub(super) cwd: String,
    /// The command nothing is known of.
    pub(super) command: String,
    /// How many facts come before.
    pub(super) before: usize,
}

/// What is known of a stage.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) facts: Vec<Fact>,
    pub(super) tree: Tree,
    /// The facts that are parts of others, by path. They are many, and only asked for by name.
    pub(super) parts: HashMap<String, Vec<usize>>,
    pub(super) opaque: Vec<Opaque>,
    pub(super) packages: Vec<Package>,
    /// The last package of each name.
    pub(super) by_name: HashMap<String, usize>,
    /// Packages that `apk del` takes away by another name: from … to.
    pub(super) virtuals: HashMap<String, (usize, usize)>,
    pub(super) base: Base,
    pub(super) env: Rc<HashMap<String, String>>,
}

/// What a stage starts with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Base {
    Stage(StageId),
    /// An image, or something else that is not in the file.
    Source(SourceId),
    #[default]
    Empty,
}

/// The facts of all stages.
pub(super) struct Book<'g> {
    pub(super) graph: &'g StageGraph,
    /// By stage; empty for stages that are not used.
    pub(super) stages: Vec<Facts>,
    pub(super) edges: HashMap<(StageId, usize), Vec<usize>>,
    /// What the build gets of its context, if that is known.
    pub(super) received: Option<Received>,
    /// So many files are still told one by one.
    pub(super) n_listed: usize,
}

/// A command of a RUN.
#[derive(Debug)]
pub(crate) struct ShellCommand {
    /// The program and its arguments, quotes taken out and variables put in, with `*` for what cannot be known. Empty
    /// if the shell is not one whose words we know.
    pub(crate) words: Vec<String>,
    /// The directory it runs in; empty if that cannot be known.
    pub(crate) cwd: String,
    /// What it likely does.
    pub(crate) deeds: Vec<Deed>,
}

/// How much a stage has to say about a path, most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Evidence {
    Exact,
    Below,
    Above,
}

impl<'g> Book<'g> {
    /// Writes down what the stages do that the target uses.
    pub(super) fn new(graph: &'g StageGraph, cut: &Cut, context: Option<&BuildContext>) -> Book<'g> {
        let mut edges: HashMap<(StageId, usize), Vec<usize>> = HashMap::new();
        for (index, edge) in graph.edges.iter().enumerate() {
            edges.entry((edge.to, edge.step)).or_default().push(index);
        }
        let received = context.and_then(|context| Received::of(cut, context));
        let stages = Vec::with_capacity(graph.stages.len());
        let mut book = Book { graph, stages, edges, received, n_listed: MAX_LISTED };
        for stage in &graph.stages {
            let base = book.base(stage);
            let mut facts = Facts { base, ..Facts::default() };
            if let Base::Stage(id) = base {
                facts.env = Rc::clone(&book.stages[id.0].env);
            }
            book.stages.push(facts);
            if cut.stages.get(stage.id.0).is_some_and(|stage| stage.used) {
                book.stage(stage);
            }
        }
        book
    }

    fn base(&self, stage: &Stage) -> Base {
        let of_row =
            self.edges.get(&(stage.id, 0)).into_iter().flatten().map(|index| &self.graph.edges[*index]);
        match of_row
            .into_iter()
            .find(|edge| edge.kind == EdgeKind::Base && !edge.trigger)
            .map(|edge| edge.from)
        {
            Some(Node::Stage(id)) if id < stage.id => Base::Stage(id),
            Some(Node::Source(id)) if self.graph.sources.get(id.0) != Some(&Source::Scratch) => {
                Base::Source(id)
            }
            Some(Node::Stage(_) | Node::Source(_)) | None => Base::Empty,
        }
    }

    fn stage(&mut self, stage: &Stage) {
        // Edges of triggers stand at one row, in the order of the triggers.
        let mut next_edge = 0;
        for command in &stage.commands {
            let at = At { stage: stage.id, step: command.step, trigger: command.trigger };
            match &command.effect {
                Effect::Env(pairs) => self.set(at, pairs.iter().map(|(name, value)| (name, value))),
                Effect::Arg(args) => {
                    self.set(at, args.iter().filter_map(|arg| Some((&arg.name, arg.value.as_ref()?))));
                }
                Effect::Workdir { makes: Some(path), .. } => {
                    let path = crate::stages::join_path(&["/", path]);
                    self.push(Fact::new(at, path, Shape::Directory, How::Workdir, Certainty::Certain));
                }
                Effect::Copy(copied) => self.copy(stage, at, copied, &mut next_edge),
                Effect::Run(ran) => self.run(at, ran, &mut next_edge),
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
                | Effect::Nothing => {}
            }
        }
    }

    fn set<'v>(&mut self, at: At, pairs: impl Iterator<Item = (&'v Rc<str>, &'v Rc<str>)>) {
        let env = Rc::make_mut(&mut self.stages[at.stage.0].env);
        for (name, value) in pairs {
            if env.len() < MAX_VARIABLES || env.contains_key(&**name) {
                env.insert(name.to_string(), value.to_string());
            }
        }
    }

    /// Adds a fact to the stage of its instruction.
    pub(super) fn push(&mut self, fact: Fact) {
        let facts = &mut self.stages[fact.at.stage.0];
        let index = facts.facts.len();
        match fact.listing {
            Listing::Part => facts.parts.entry(fact.path.clone()).or_default().push(index),
            Listing::Unknown | Listing::Whole => facts.tree.insert(&fact.path, index),
        }
        facts.facts.push(fact);
    }

    /// The edge along which an instruction takes these paths, if any; `next` goes behind it.
    pub(super) fn edge(&self, at: At, kind: EdgeKind, paths: &[String], next: &mut usize) -> Option<Node> {
        let of_row = self.edges.get(&(at.stage, at.step))?;
        let from = if at.trigger.is_some() { *next } else { 0 };
        let fits = |index: &usize| {
            let edge = &self.graph.edges[*index];
            edge.kind == kind && edge.trigger == at.trigger.is_some() && edge.paths == paths
        };
        let found = from + of_row.get(from..)?.iter().position(fits)?;
        *next = if at.trigger.is_some() { found + 1 } else { 0 };
        let edge = &self.graph.edges[of_row[found]];
        match edge.from {
            _ if edge.broken => None,
            // A stage can take only from what is built before it, or, in a trigger, from itself so far.
            Node::Stage(id) if id > at.stage => None,
            from => Some(from),
        }
    }

    /// A stage and those it is built on, nearest first; and whether these are all.
    pub(super) fn lineage(&self, stage: StageId) -> impl Iterator<Item = StageId> + '_ {
        let next = |id: &StageId| match self.stages[id.0].base {
            Base::Stage(base) => Some(base),
            Base::Source(_) | Base::Empty => None,
        };
        std::iter::successors(Some(stage), next).take(MAX_BASES)
    }

    /// What the first of a stage's bases is built on.
    pub(super) fn root(&self, stage: StageId) -> (StageId, Base) {
        let root = self.lineage(stage).last().unwrap_or(stage);
        (root, self.stages[root.0].base)
    }

    /// Whether a path is known to be a directory, and how well.
    pub(super) fn is_directory(&self, stage: StageId, path: &str) -> Option<Certainty> {
        let path = path.trim_end_matches('/');
        if path.is_empty() {
            return Some(Certainty::Certain);
        }
        for id in self.lineage(stage) {
            let facts = &self.stages[id.0];
            let parts = facts.parts.get(path).map_or(&[][..], Vec::as_slice);
            let (here, has_more) = facts.tree.at(path).unwrap_or_default();
            let makes = here
                .iter()
                .rev()
                .chain(parts.iter().rev())
                .map(|fact| &facts.facts[*fact])
                .filter(|fact| fact.does == Does::Makes && fact.path == path);
            for fact in makes.take(8) {
                match fact.shape {
                    Shape::Directory | Shape::Tree => return Some(fact.certainty),
                    Shape::File => return None,
                    Shape::Either | Shape::Pattern => {}
                }
            }
            if has_more {
                return Some(Certainty::Likely);
            }
        }
        let is_usual = matches!(self.root(stage).1, Base::Source(_)) && names::is_usual_directory(path);
        is_usual.then_some(Certainty::Likely)
    }

    /// What a path of a stage is, as far as it is known before one of its facts.
    pub(super) fn shape(&self, stage: StageId, path: &str, before: usize) -> Shape {
        if paths::is_pattern(path) {
            return Shape::Pattern;
        }
        if path == "/" {
            return Shape::Tree;
        }
        let mut before = before;
        for id in self.lineage(stage) {
            let facts = &self.stages[id.0];
            let around = facts.around(path, false, before);
            before = usize::MAX;
            let makes = around
                .iter()
                .rev()
                .map(|fact| &facts.facts[*fact])
                .filter(|fact| matches!(fact.does, Does::Makes | Does::Loses(..)));
            for fact in makes {
                if relation(&fact.path, path) == Relation::Same {
                    match fact.shape {
                        Shape::File => return Shape::File,
                        Shape::Directory | Shape::Tree => return Shape::Tree,
                        Shape::Either | Shape::Pattern => {}
                    }
                }
            }
            if facts.tree.at(path).is_some_and(|(_, has_more)| has_more) {
                return Shape::Tree;
            }
        }
        names::shape(path)
    }

    /// What a stage itself says of a path.
    pub(super) fn evidence(
        &self,
        stage: StageId,
        path: &str,
        shape: Shape,
        before: usize,
    ) -> Option<Evidence> {
        let facts = &self.stages[stage.0];
        let around = facts.around(path, shape != Shape::File, before);
        around.iter().filter_map(|fact| facts.facts[*fact].evidence(path, shape)).min()
    }
}

impl Facts {
    /// The facts smaller than `before` at the path and above it, and with `below` also below it; sorted. What is told
    /// as a part of something else is found at its own path only.
    pub(super) fn around(&self, path: &str, below: bool, before: usize) -> Vec<usize> {
        let mut found = self.tree.around(path, below, before);
        if let Some(parts) = self.parts.get(path) {
            found.extend(parts.iter().filter(|part| **part < before));
            found.sort_unstable();
        }
        found
    }
}

/// Whether nothing is in a source.
pub(super) fn is_empty(graph: &StageGraph, id: SourceId) -> bool {
    matches!(
        graph.sources.get(id.0),
        None | Some(Source::Scratch | Source::NamedContext { content: Content::Empty, .. })
    )
}

impl Fact {
    pub(super) fn new(at: At, path: String, shape: Shape, how: How, certainty: Certainty) -> Fact {
        Fact {
            at,
            path,
            shape,
            does: Does::Makes,
            how,
            certainty,
            reads: Vec::new(),
            excludes: Vec::new(),
            listing: Listing::Unknown,
        }
    }

    /// What it says of a path: that it makes it, something below it, or something above it that may hold it.
    pub(super) fn evidence(&self, path: &str, shape: Shape) -> Option<Evidence> {
        if !matches!(self.does, Does::Makes) {
            return None;
        }
        match relation(&self.path, path) {
            Relation::Same => Some(Evidence::Exact),
            Relation::Above if shape != Shape::File => Some(Evidence::Below),
            Relation::Below
                if matches!(self.shape, Shape::Tree | Shape::Either) && !self.leaves_out(path) =>
            {
                Some(Evidence::Above)
            }
            Relation::Above | Relation::Below | Relation::Apart => None,
        }
    }

    /// Whether it makes something at, above or below a path, kept or not.
    pub(super) fn concerns(&self, path: &str) -> bool {
        matches!(self.does, Does::Makes | Does::Loses(..)) && relation(&self.path, path) != Relation::Apart
    }

    /// Whether it has nothing to do with a path below it: all that is in it is told by itself, or `--exclude` leaves it
    /// out.
    pub(super) fn leaves_out(&self, path: &str) -> bool {
        if self.listing != Listing::Unknown && !paths::is_pattern(path) {
            return true;
        }
        let rest = paths::below(&self.path, path);
        let is_out = |pattern: &String| matches!(relation(pattern, rest), Relation::Same | Relation::Below);
        !rest.is_empty() && self.excludes.iter().any(is_out)
    }

    /// How it is shown.
    pub(super) fn shown_shape(&self) -> Shape {
        if paths::is_pattern(&self.path) { Shape::Pattern } else { self.shape }
    }
}
