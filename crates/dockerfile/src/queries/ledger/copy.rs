//! COPY and ADD: which paths they make.
//!
//! Follows `dispatchCopy` and the copying of BuildKit's file operations. Surprising: of a directory its contents are
//! copied; a file goes into its destination if that is a directory already, slash or not; and several files with
//! one destination that is no directory overwrite each other.

use super::facts::{Base, Book, Fact, Listing, Read};
use super::names;
use super::paths;
use super::{At, Certainty, How, Place, Shape};
use crate::context::{Received, Selection};
use crate::stages::git_ref::{SourceForm, source_form};
use crate::stages::{Copied, EdgeKind, Node, Source, Stage, StageId, join_path};
use crate::syntax::InstructionKind;

/// A source on its way.
struct Item<'c> {
    read: Read,
    /// The name it has at the destination.
    name: String,
    shape: Shape,
    how: How,
    copied: &'c Copied,
}

/// Where something is copied to, and how.
#[derive(Clone, Copy)]
struct To<'c> {
    destination: &'c str,
    is_add: bool,
    copied: &'c Copied,
}

impl Book<'_> {
    pub(super) fn copy(&mut self, stage: &Stage, at: At, copied: &Copied, next_edge: &mut usize) {
        let kind = match at.trigger {
            Some(trigger) => stage.triggers.get(trigger).map(|trigger| trigger.kind),
            None => stage.steps.get(at.step).map(|step| step.kind),
        };
        let is_add = kind == Some(InstructionKind::Add);
        let Some(destination) = copied.files.first().map(|file| file.destination.clone()) else { return };
        let local: Vec<String> = copied
            .sources
            .iter()
            .filter(|it| source_form(it) == SourceForm::Local)
            .map(|it| rooted(it))
            .collect();
        let from = if local.is_empty() { None } else { self.edge(at, EdgeKind::Copy, &local, next_edge) };
        for (source, file) in copied.sources.iter().zip(&copied.files) {
            match source_form(source) {
                SourceForm::Local => {
                    if let Some(from) = from {
                        self.copy_local(at, source, from, To { destination: &destination, is_add, copied });
                    }
                }
                form @ (SourceForm::Http | SourceForm::Git(_)) => {
                    let remote = Source::Remote(source.clone());
                    let Some(id) = self.edge(at, EdgeKind::Copy, std::slice::from_ref(source), next_edge)
                    else {
                        continue;
                    };
                    let Node::Source(id) = id else { continue };
                    debug_assert_eq!(self.graph.sources.get(id.0), Some(&remote));
                    let is_tree = form != SourceForm::Http;
                    let unpacks = copied.unpack == Some(true) && !is_tree;
                    let item = Item {
                        read: match is_tree {
                            true => read(Place::Source(id), "/", Shape::Tree),
                            false => read(Place::Source(id), &file.source, Shape::File),
                        },
                        name: paths::name(&file.source).to_owned(),
                        shape: if is_tree || unpacks { Shape::Tree } else { Shape::File },
                        how: if unpacks { How::Unpack } else { How::Fetch },
                        copied,
                    };
                    self.place(at, item, &destination);
                }
                SourceForm::BadGit(_) => {}
            }
        }
        for inline in &copied.contents {
            let item = Item {
                read: read(Place::Heredoc(at), &rooted(&inline.name), Shape::File),
                name: paths::name(&inline.name).to_owned(),
                shape: Shape::File,
                how: How::Copy,
                copied,
            };
            self.place(at, item, &destination);
        }
    }

    fn copy_local(&mut self, at: At, source: &str, from: Node, to: To<'_>) {
        let path = rooted(source);
        let place = match from {
            Node::Stage(id) => Place::Stage(id),
            Node::Source(id) => Place::Source(id),
        };
        if let Node::Source(id) = from
            && self.graph.sources.get(id.0) == Some(&Source::Context)
            && let Some(received) = self.received.take()
        {
            let is_listed = self.copy_listed(at, source, place, to, &received);
            self.received = Some(received);
            if is_listed {
                return;
            }
        }
        let before = (place == Place::Stage(at.stage)).then(|| self.stages[at.stage.0].facts.len());
        let shape = match place {
            Place::Stage(id) => self.shape(id, &path, before.unwrap_or(usize::MAX)),
            Place::Source(_) | Place::Heredoc(_) => guess(&path, source),
        };
        if to.copied.parents {
            // Behind a `/./` only what follows it is kept.
            let kept = source.split_once("/./").map_or(path.as_str(), |(_, kept)| kept);
            let kept = join_path(&[to.destination, kept]);
            let read = Read { before, is_copy: true, ..read(place, &path, shape) };
            let item = item(read, shape, to.copied);
            self.put(at, item, kept, Certainty::Certain);
        } else {
            self.copy_path(at, Read { before, is_copy: true, ..read(place, &path, shape) }, to);
        }
    }

    /// Copies one path, or unpacks it.
    fn copy_path(&mut self, at: At, read: Read, to: To<'_>) {
        let unpack = to.copied.unpack;
        let unpacks =
            to.is_add && unpack != Some(false) && (names::is_archive(&read.path) || unpack == Some(true));
        let shape = read.shape;
        let item = item(read, shape, to.copied);
        if unpacks && shape != Shape::Tree {
            let item = Item { shape: Shape::Tree, how: How::Unpack, ..item };
            let path = join_path(&["/", to.destination]);
            self.put(at, item, path, Certainty::Likely);
        } else {
            self.place(at, item, to.destination);
        }
    }

    /// Copies what a source takes from a build context of which the files are known; false if that cannot be said one by
    /// one: too many, or nothing is there to take, so that the build fails.
    fn copy_listed(&mut self, at: At, source: &str, place: Place, to: To<'_>, received: &Received) -> bool {
        let selections = Selection::of_copy(to.copied);
        let Some(selection) = selections.iter().find(|it| it.source == source) else { return false };
        let taken = received.taken(selection);
        if taken.len() > self.n_listed || taken.is_empty() && !paths::is_pattern(source) {
            return false;
        }
        self.n_listed -= taken.len();
        let whole = join_path(&["/", to.destination]);
        if rooted(source) == "/" && !to.copied.parents {
            self.copy_whole(at, Read { is_copy: true, ..read(place, "/", Shape::Tree) }, to);
        }
        for (path, end, is_directory) in taken {
            let shape = match is_directory {
                Some(true) => Shape::Tree,
                Some(false) => Shape::File,
                None => Shape::Either,
            };
            let below = path[end..].trim_start_matches('/');
            let read = Read { is_copy: true, ..read(place, &rooted(path), shape) };
            if below.is_empty() && !to.copied.parents {
                self.copy_whole(at, read, to);
                continue;
            }
            let listing = match to.copied.parents {
                // A directory is there for what is in it.
                true if shape == Shape::Tree => continue,
                true => Listing::Unknown,
                false => Listing::Part,
            };
            let fact = Fact::new(at, join_path(&[&whole, below]), shape, How::Copy, Certainty::Certain);
            self.push(Fact { reads: vec![read], listing, ..fact });
        }
        true
    }

    /// Copies one path of which, if it is a directory, all files are told.
    fn copy_whole(&mut self, at: At, read: Read, to: To<'_>) {
        let n_facts = self.stages[at.stage.0].facts.len();
        self.copy_path(at, read, to);
        for fact in &mut self.stages[at.stage.0].facts[n_facts..] {
            if fact.shape == Shape::Tree && fact.how == How::Copy {
                fact.listing = Listing::Whole;
            }
        }
    }

    /// Finds the path that a source gets at the destination.
    fn place(&mut self, at: At, item: Item<'_>, destination: &str) {
        let whole = join_path(&["/", destination]);
        // What is a directory in every usual image is one in a stage, too, and its contents are copied.
        let is_directory = item.shape == Shape::Either && names::is_usual_directory(&item.read.path);
        let item = if is_directory { Item { shape: Shape::Tree, ..item } } else { item };
        // What goes into a directory for programs is likely one.
        let is_program = item.shape == Shape::Either && matches!(paths::name(&whole), "bin" | "sbin");
        if is_program {
            let path = join_path(&[&whole, &item.name]);
            return self.put(at, Item { shape: Shape::File, ..item }, path, Certainty::Likely);
        }
        let (path, certainty) = match item.shape {
            Shape::File => self.file_path(at.stage, &item, destination, whole),
            Shape::Pattern => {
                let is_directory =
                    destination.ends_with('/') || self.is_directory(at.stage, destination).is_some();
                match is_directory || names::shape(&whole) != Shape::File {
                    true => (join_path(&[&whole, &item.name]), Certainty::Certain),
                    // One match is meant; of several the last would stay.
                    false => {
                        let item = Item { shape: Shape::File, ..item };
                        return self.put(at, item, whole, Certainty::Likely);
                    }
                }
            }
            Shape::Directory | Shape::Tree | Shape::Either => (whole, Certainty::Certain),
        };
        self.put(at, item, path, certainty);
    }

    fn file_path(
        &self,
        stage: StageId,
        item: &Item<'_>,
        destination: &str,
        whole: String,
    ) -> (String, Certainty) {
        let inside = |whole: &str| join_path(&[whole, &item.name]);
        if destination.ends_with('/') {
            return (inside(&whole), Certainty::Certain);
        }
        if let Some(certainty) = self.is_directory(stage, &whole) {
            return (inside(&whole), certainty);
        }
        let is_named = paths::name(&whole) == item.name || names::shape(&whole) == Shape::File;
        let is_empty = self.root(stage).1 == Base::Empty
            && self.lineage(stage).all(|id| self.stages[id.0].opaque.is_empty());
        let certainty = if is_named || is_empty { Certainty::Certain } else { Certainty::Likely };
        (whole, certainty)
    }

    fn put(&mut self, at: At, item: Item<'_>, path: String, certainty: Certainty) {
        let shape = match item.shape {
            Shape::Pattern => Shape::Either,
            shape => shape,
        };
        let certainty = if item.how == How::Unpack { Certainty::Likely } else { certainty };
        let read = Read { is_copy: item.how == How::Copy && item.read.is_copy, ..item.read };
        let excludes = item.copied.excludes.clone();
        self.push(Fact { reads: vec![read], excludes, ..Fact::new(at, path, shape, item.how, certainty) });
    }
}

fn item(read: Read, shape: Shape, copied: &Copied) -> Item<'_> {
    Item { name: paths::name(&read.path).to_owned(), read, shape, how: How::Copy, copied }
}

/// What a path of the context or of an image is, by its name.
fn guess(path: &str, written: &str) -> Shape {
    match names::shape(path) {
        Shape::Either if written.ends_with('/') => Shape::Tree,
        shape => shape,
    }
}

pub(super) fn read(place: Place, path: &str, shape: Shape) -> Read {
    Read { place, path: path.to_owned(), shape, before: None, is_copy: false, is_mount: false }
}

pub(super) fn rooted(path: &str) -> String {
    join_path(&["/", path])
}
