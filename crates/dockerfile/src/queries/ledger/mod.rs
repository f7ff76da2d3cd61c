//! The artifact ledger: how each path got into the image of a target, and what the build left behind.
//!
//! Follows what BuildKit does with COPY, ADD and WORKDIR, which is [`Certainty::Certain`]. What a RUN writes
//! cannot be known without running it: where its command says so plainly (`go build -o app`) it is
//! [`Certainty::Likely`], and any other RUN [`Certainty::Unknown`] may have written anything.
//!
//! Surprising: a file copied onto a directory goes into it, even without a slash at the end; a removed file
//! stays in the layer of the line that made it; and what is written below the target of a mount never gets
//! into the image. Where the files of the build context are known, a directory that is copied from it is told with them,
//! and nothing else is taken to have come with it.

mod behind;
mod copy;
mod facts;
mod names;
mod paths;
mod run;
mod shell;
mod tell;
mod tools;
mod trace;
mod tree;

pub use behind::{ledger, ledger_asking, ledger_with};
pub(crate) use facts::ShellCommand;
pub(crate) use run::commands_of;
pub(crate) use shell::commands_of_lines;
pub(crate) use tools::{Deed, VIRTUAL};

use std::collections::BTreeSet;

use crate::stages::{SourceId, StageId};

/// Index into [`Ledger::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub usize);

/// An instruction that runs in a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct At {
    /// The stage.
    pub stage: StageId,
    /// The row in [`crate::stages::Stage::steps`]; 0, the FROM, for a trigger and for what the base brings.
    pub step: usize,
    /// For a trigger its index in [`crate::stages::Stage::triggers`].
    pub trigger: Option<usize>,
}

/// Where a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// In a stage.
    Stage(StageId),
    /// In an image, the build context or something remote.
    Source(SourceId),
    /// In the Dockerfile itself: a heredoc of this instruction.
    Heredoc(At),
}

/// What a path stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Shape {
    /// A file.
    File,
    /// A directory by itself.
    Directory,
    /// A directory and everything below it.
    Tree,
    /// A file or a directory with everything below it: the text does not tell.
    Either,
    /// Whatever matches. Beside the wildcards of COPY, `{a,b}` stands for one of several names, and `**` for any
    /// number of directories.
    Pattern,
}

/// How much is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Certainty {
    /// BuildKit does exactly this.
    Certain,
    /// A command that is known to do so does it.
    Likely,
    /// It may be so.
    Unknown,
}

/// How a path came to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// COPY or ADD put it there.
    Copy,
    /// ADD unpacked it.
    Unpack,
    /// ADD fetched it.
    Fetch,
    /// WORKDIR made the directory.
    Workdir,
    /// A command of a RUN.
    Run {
        /// The command, shortened.
        command: String,
    },
    /// A command of a RUN, into a mount: it is gone when the RUN ends.
    Mount {
        /// The command, shortened.
        command: String,
    },
    /// FROM: it was there from the start.
    Base,
    /// Nothing makes it.
    Nothing,
}

/// How each path got into an image, and what stays behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// What is known to be in the image, in the order in which it came there, its base image first.
    pub entries: Vec<Entry>,
    /// What can be said of each path, once; sources are nodes without makings.
    pub nodes: Vec<Node>,
    /// The packages that the image's own RUN lines install.
    pub packages: Vec<Package>,
    /// RUN lines of the image that may have written anything anywhere.
    pub opaque: Vec<At>,
    /// The stages whose files are used but do not ship as a whole, in file order.
    pub left_behind: Vec<LeftBehind>,
    /// The stages that the target does not use.
    pub not_built: Vec<StageId>,
    /// Whether the file says more than is told here.
    pub is_cut_short: bool,
}

/// Something in the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is; its first making is the instruction of the target, or of a stage it is built on, that put it there.
    pub node: NodeId,
    /// That instruction.
    pub at: At,
    /// A later instruction that puts another file there. The first one's bytes stay in its layer.
    pub overwritten_by: Option<At>,
    /// A later RUN that removes it. Its bytes stay in the layer, unless it is the same RUN.
    pub removed_by: Option<At>,
    /// Later RUN lines that change it: chmod, chown, strip, …
    pub changed_by: Vec<At>,
}

/// A path in a stage or in a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where.
    pub place: Place,
    /// The path, absolute and clean. Of a source that is something remote, the file name; `/` for all of it.
    pub path: String,
    /// What it stands for.
    pub shape: Shape,
    /// What made it: for a file the likeliest first, for a directory in the order of the file.
    pub makings: Vec<Making>,
}

/// One way in which a path came to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Making {
    /// The instruction.
    pub at: At,
    /// How.
    pub how: How,
    /// How much is known.
    pub certainty: Certainty,
    /// The same as a plain sentence.
    pub because: String,
    /// What it was made from.
    pub from: Vec<NodeId>,
}

/// A stage that does not ship as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftBehind {
    /// The stage.
    pub stage: StageId,
    /// What it is built on, if that is no other stage.
    pub base: Option<SourceId>,
    /// What its RUN lines install.
    pub packages: Vec<Package>,
    /// What it made or copied and nobody took.
    pub paths: Vec<Left>,
    /// What others took.
    pub selected: Vec<Selected>,
}

/// A path that stays behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// The path.
    pub node: NodeId,
    /// Whether something below it was taken: the rest stays.
    pub in_part: bool,
}

/// A path that another instruction takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Selected {
    /// The path.
    pub node: NodeId,
    /// The instruction that takes it.
    pub by: At,
    /// Whether it only sees it while it runs: a mount.
    pub is_mount: bool,
}

/// A package that a RUN installs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// What installs it: `apk`, `apt`, `pip`, …
    pub manager: &'static str,
    /// Its name.
    pub name: String,
    /// Its version, if one is asked for.
    pub version: Option<String>,
    /// The RUN.
    pub at: At,
    /// The RUN that removes it again. In another layer it still takes its space.
    pub removed_by: Option<At>,
}

impl Ledger {
    /// A node; `None` if the ledger is another's.
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0)
    }

    /// The entry at a path. Of several, the one whose file is in the image at last.
    pub fn entry_at(&self, path: &str) -> Option<&Entry> {
        let is_there = |entry: &&Entry| self.node(entry.node).is_some_and(|node| node.path == path);
        self.entries.iter().rev().find(is_there)
    }

    /// How sure it is where a node comes from: as sure as the least sure step on its likeliest way back. What nothing
    /// makes, and what is not followed to its end, is not sure at all.
    pub fn certainty(&self, id: NodeId) -> Certainty {
        let of = |node: &Node| match (node.makings.first(), node.place) {
            (Some(Making { how: How::Nothing | How::Mount { .. }, .. }), _) | (None, Place::Stage(_)) => {
                Certainty::Unknown
            }
            (Some(making), _) => making.certainty,
            (None, Place::Source(_) | Place::Heredoc(_)) => Certainty::Certain,
        };
        self.likeliest_way(id).into_iter().map(of).max().unwrap_or(Certainty::Unknown)
    }

    /// Whether nothing makes what a node comes from, so that the build fails or copies nothing.
    pub fn is_missing(&self, id: NodeId) -> bool {
        let way = self.likeliest_way(id);
        way.last().and_then(|node| node.makings.first()).is_some_and(|making| making.how == How::Nothing)
    }

    /// From a node back over the first making of each.
    fn likeliest_way(&self, id: NodeId) -> Vec<&Node> {
        let mut seen = BTreeSet::new();
        let mut way = Vec::new();
        let mut next = Some(id);
        while let Some(node) = next.filter(|id| seen.insert(*id)).and_then(|id| self.node(id)) {
            way.push(node);
            next = node.makings.first().and_then(|making| making.from.first().copied());
        }
        way
    }

    /// The way back of a node: it and everything it was made from, each once, nearest first.
    pub fn chain(&self, id: NodeId) -> Vec<NodeId> {
        let mut seen = BTreeSet::from([id]);
        let mut chain = vec![id];
        let mut at = 0;
        while let Some(node) = chain.get(at).and_then(|id| self.node(*id)) {
            at += 1;
            let from = node.makings.iter().flat_map(|making| &making.from);
            chain.extend(from.filter(|id| seen.insert(**id)));
        }
        chain
    }

    /// The instructions on the way back of a node, sorted.
    pub fn places(&self, id: NodeId) -> Vec<At> {
        let nodes = self.chain(id).into_iter().filter_map(|id| self.node(id));
        let places: BTreeSet<At> =
            nodes.flat_map(|node| node.makings.iter().map(|making| making.at)).collect();
        places.into_iter().collect()
    }

    /// The paths that a row of a stage makes or may make, whether or not they get any further.
    pub fn made_by(&self, stage: StageId, step: usize) -> Vec<NodeId> {
        let is_here = |making: &Making| making.at.stage == stage && making.at.step == step;
        let nodes = self.nodes.iter().enumerate().filter(|(_, node)| node.makings.iter().any(is_here));
        nodes.map(|(id, _)| NodeId(id)).collect()
    }

    /// The entries of the image that a row of a stage has a part in, by their index.
    pub fn entries_through(&self, stage: StageId, step: usize) -> Vec<usize> {
        let mut leads_here: Vec<Option<bool>> = vec![None; self.nodes.len()];
        let mut found = Vec::new();
        for (index, entry) in self.entries.iter().enumerate() {
            let mut open = vec![(entry.node, false)];
            while let Some((id, is_done)) = open.pop() {
                let (Some(node), Some(known)) = (self.node(id), leads_here.get(id.0)) else { continue };
                if known.is_some() && !is_done {
                    continue;
                }
                let from = || node.makings.iter().flat_map(|making| &making.from);
                if !is_done {
                    leads_here[id.0] = Some(false);
                    open.push((id, true));
                    open.extend(from().map(|id| (*id, false)));
                    continue;
                }
                let is_here = |making: &Making| making.at.stage == stage && making.at.step == step;
                let leads = |id: &NodeId| leads_here.get(id.0).is_some_and(|it| *it == Some(true));
                leads_here[id.0] = Some(node.makings.iter().any(is_here) || from().any(leads));
            }
            if leads_here.get(entry.node.0).is_some_and(|it| *it == Some(true)) {
                found.push(index);
            }
        }
        found
    }
}
