//! From a path back to what made it.
//!
//! Each question is answered once: a node is a path in a place at a time. Surprising: a stage is asked as it was when
//! the question arose, so a RUN that builds in a directory does not read what it makes there; and how much is
//! followed has a bound that grows with the file, so that no file takes long.

use std::collections::HashMap;

use super::facts::{Base, Book, Does, Evidence, Fact, MAX_BASES, Opaque, Read};
use super::names;
use super::paths::{self, Relation, relation};
use super::tell::Teller;
use super::{At, Certainty, How, Making, Node, NodeId, Place, Shape};
use crate::stages::{StageId, join_path};

/// Ways in which one path came to be that are told.
const MAX_MAKINGS: usize = 40;
/// RUN lines that may have made a path, of which nothing else is known.
const MAX_GUESSES: usize = 5;

/// When a stage is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum When {
    /// After its last instruction.
    End,
    /// Before this fact.
    Before(usize),
    /// About this fact alone.
    Fact(usize),
}

/// The nodes as they are found.
pub(super) struct Tracer<'b, 'g> {
    book: &'b Book<'g>,
    tell: Teller<'b, 'g>,
    pub(super) nodes: Vec<Node>,
    whens: Vec<When>,
    known: HashMap<(Place, String, When), NodeId>,
    /// No more nodes than these are followed.
    budget: usize,
    pub(super) is_cut_short: bool,
}

impl<'b, 'g> Tracer<'b, 'g> {
    pub(super) fn new(book: &'b Book<'g>) -> Tracer<'b, 'g> {
        let n_facts: usize = book.stages.iter().map(|stage| stage.facts.len() + 1).sum();
        Tracer {
            book,
            tell: Teller { book },
            nodes: Vec::new(),
            whens: Vec::new(),
            known: HashMap::new(),
            budget: 500 + 16 * n_facts,
            is_cut_short: false,
        }
    }

    /// The node of one fact.
    pub(super) fn fact(&mut self, stage: StageId, index: usize) -> NodeId {
        let fact = &self.book.stages[stage.0].facts[index];
        self.add(Place::Stage(stage), fact.path.clone(), fact.shown_shape(), When::Fact(index))
    }

    /// The node of a path at the end of a stage, or in a source.
    pub(super) fn path(&mut self, place: Place, path: &str, shape: Shape) -> NodeId {
        self.add(place, path.to_owned(), shape, When::End)
    }

    fn add(&mut self, place: Place, path: String, shape: Shape, when: When) -> NodeId {
        let next = NodeId(self.nodes.len());
        let shape = if paths::is_pattern(&path) { Shape::Pattern } else { shape };
        let id = *self.known.entry((place, path.clone(), when)).or_insert(next);
        if id == next {
            self.nodes.push(Node { place, path, shape, makings: Vec::new() });
            self.whens.push(when);
        }
        id
    }

    /// Follows all nodes back as far as it goes.
    pub(super) fn follow(&mut self) {
        let mut next = 0;
        while let Some(node) = self.nodes.get(next) {
            if let Place::Stage(stage) = node.place {
                let (path, shape) = (node.path.clone(), node.shape);
                self.nodes[next].makings = match self.whens[next] {
                    When::Fact(index) => vec![self.making(stage, index, &path, None)],
                    When::End => self.trace(stage, &path, shape, usize::MAX),
                    When::Before(before) => self.trace(stage, &path, shape, before),
                };
            }
            next += 1;
        }
    }

    fn making(&mut self, stage: StageId, index: usize, path: &str, removed_by: Option<At>) -> Making {
        let book = self.book;
        let fact = &book.stages[stage.0].facts[index];
        let mut from = Vec::new();
        for read in &fact.reads {
            from.extend(self.read(fact, read, path));
        }
        let certainty = if removed_by.is_some() { Certainty::Unknown } else { fact.certainty };
        Making {
            at: fact.at,
            how: fact.how.clone(),
            certainty,
            because: self.tell.fact(fact, removed_by),
            from,
        }
    }

    /// What a fact reads to make a path at, below or above its own.
    fn read(&mut self, fact: &Fact, read: &Read, path: &str) -> Option<NodeId> {
        let (path, shape) =
            if read.is_copy { source_path(fact, read, path) } else { (read.path.clone(), read.shape) };
        let when = match (read.place, read.before) {
            (Place::Stage(id), Some(before)) if before < self.book.stages[id.0].facts.len() => {
                When::Before(before)
            }
            _ => When::End,
        };
        if self.nodes.len() >= self.budget && !self.known.contains_key(&(read.place, path.clone(), when)) {
            self.is_cut_short = true;
            return None;
        }
        Some(self.add(read.place, path, shape, when))
    }

    /// All that can be said of how a path of a stage came to be.
    fn trace(&mut self, stage: StageId, path: &str, shape: Shape, before: usize) -> Vec<Making> {
        let book = self.book;
        let facts = &book.stages[stage.0].facts;
        let around = book.stages[stage.0].around(path, shape != Shape::File, before);
        let mut found = Found::default();
        for &index in &around {
            let fact = &facts[index];
            match fact.evidence(path, shape) {
                Some(Evidence::Exact) if fact.shape == Shape::File => found.files.push(index),
                Some(Evidence::Exact) => found.exact.push(index),
                Some(Evidence::Below) => found.below.push(index),
                Some(Evidence::Above) => found.above.push(index),
                None => match fact.does {
                    Does::Removes => found.removals.push(index),
                    Does::Loses(..) if is_lost(fact, path) => found.lost.push(index),
                    Does::Loses(..) | Does::Changes(_) | Does::Makes => {}
                },
            }
        }
        let base = self.in_bases(stage, path, shape);
        let mut makings = self.exact(stage, &found, path);
        let is_file = !found.files.is_empty() && found.exact.is_empty() && found.below.is_empty();
        let is_whole = found.exact.iter().any(|index| facts[*index].shape != Shape::Directory);
        if !is_file {
            if let Some((id, Evidence::Exact | Evidence::Below)) = base {
                makings.insert(0, self.of_base(stage, id, path, shape));
            }
            if makings.is_empty() || !is_whole && found.below.is_empty() {
                self.above(stage, &found, path, before, &mut makings);
            }
            if makings.is_empty()
                && let Some((id, _)) = base
            {
                makings.push(self.of_base(stage, id, path, shape));
            }
        }
        let lost: Vec<usize> = found.lost.iter().rev().take(3).copied().collect();
        if !lost.is_empty() && found.files.is_empty() {
            // What was there before, a mount hides; it may have been there all the same.
            makings.iter_mut().for_each(|making| making.certainty = Certainty::Unknown);
        }
        let is_known = !lost.is_empty() || makings.iter().any(|making| making.certainty < Certainty::Unknown);
        for index in lost {
            makings.insert(0, self.making(stage, index, path, None));
        }
        if !is_file {
            self.guesses(stage, path, before, is_known, &mut makings);
        }
        if makings.len() > MAX_MAKINGS {
            makings.truncate(MAX_MAKINGS);
            self.is_cut_short = true;
        }
        makings
    }

    /// What makes the path itself or something below it.
    fn exact(&mut self, stage: StageId, found: &Found, path: &str) -> Vec<Making> {
        let facts = &self.book.stages[stage.0].facts;
        let removed = |index: usize| {
            let fact = &facts[index];
            let is_after = |it: &&usize| {
                let removal = &facts[**it];
                **it > index
                    && matches!(relation(&removal.path, &fact.path), Relation::Same | Relation::Below)
            };
            found.removals.iter().find(is_after).map(|it| facts[*it].at)
        };
        let is_directory = !found.exact.is_empty() || !found.below.is_empty();
        if !is_directory {
            // The last file counts; names that are only guessed come behind.
            let mut files = found.files.clone();
            files.sort_by_key(|index| (paths::is_pattern(&facts[*index].path), std::cmp::Reverse(*index)));
            let last = files
                .iter()
                .position(|index| removed(*index).is_none() && !paths::is_pattern(&facts[*index].path));
            files.truncate(last.map_or(MAX_GUESSES, |last| last + 1));
            if let Some(last) = last {
                files.drain(..last);
            }
            return files.into_iter().map(|index| self.making(stage, index, path, removed(index))).collect();
        }
        let mut all: Vec<usize> =
            found.files.iter().chain(&found.exact).chain(&found.below).copied().collect();
        all.sort_unstable();
        // A removed part of a directory is no part of it; a removed directory is worth a word.
        let is_exact = |index: &usize| found.exact.contains(index);
        let kept: Vec<usize> = all.iter().copied().filter(|index| removed(*index).is_none()).collect();
        let kept = if kept.is_empty() { all.into_iter().filter(is_exact).collect() } else { kept };
        self.is_cut_short |= kept.len() > MAX_MAKINGS;
        let mut makings: Vec<Making> = Vec::new();
        for index in kept.into_iter().take(MAX_MAKINGS) {
            let making = self.making(stage, index, path, removed(index));
            // One command may make several paths there.
            if makings.last() != Some(&making) {
                makings.push(making);
            }
        }
        makings
    }

    /// What makes something that may hold the path: the nearest above it first, and of these the last.
    fn above(&mut self, stage: StageId, found: &Found, path: &str, before: usize, makings: &mut Vec<Making>) {
        let book = self.book;
        let facts = &book.stages[stage.0].facts;
        let depth = |index: &usize| paths::parts(&facts[*index].path).count();
        let deepest = found.above.iter().map(depth).max();
        let nearest = found.above.iter().rev().filter(|index| Some(depth(index)) == deepest);
        for (nth, &index) in nearest.take(MAX_GUESSES).enumerate() {
            let mut making = self.making(stage, index, path, None);
            let is_run = matches!(making.how, How::Run { .. });
            let later = book.stages[stage.0]
                .opaque
                .iter()
                .any(|it| it.before > index && it.before <= before && concerns(it, path));
            if nth > 0 || !makings.is_empty() || later && !is_run {
                making.certainty = Certainty::Unknown;
                making.because = self.tell.maybe(&facts[index]);
            } else if making.certainty == Certainty::Certain {
                making.certainty = Certainty::Likely;
            }
            makings.push(making);
        }
    }

    /// RUN lines that may have made it, and the base image.
    fn guesses(
        &mut self,
        stage: StageId,
        path: &str,
        before: usize,
        is_known: bool,
        makings: &mut Vec<Making>,
    ) {
        let book = self.book;
        let is_tree = !makings.is_empty();
        let (root, base) = book.root(stage);
        let mut package = None;
        let mut n_guesses = 0;
        let mut has_packages = false;
        let mut of_packages: Vec<&Opaque> = Vec::new();
        let mut until = before;
        for id in book.lineage(stage) {
            let facts = &book.stages[id.0];
            has_packages |= facts.opaque.iter().any(|it| it.is_system);
            let named = facts.by_name.get(paths::name(path)).and_then(|index| facts.packages.get(*index));
            package =
                package.or(named.filter(|it| it.removed_by.is_none() && names::is_system(path) && !is_known));
            for opaque in facts.opaque.iter().rev().filter(|it| it.before <= until && concerns(it, path)) {
                // Of what is known already, only a command that runs right there may make a part.
                let is_there = !opaque.is_system && names::is_in(path, &opaque.cwd) && path != "/";
                if is_known && !is_there || n_guesses == MAX_GUESSES {
                    continue;
                }
                n_guesses += 1;
                match opaque.is_system {
                    true => of_packages.push(opaque),
                    false => makings.push(self.guess(opaque, is_known)),
                }
            }
            until = usize::MAX;
        }
        if let Some(package) = package {
            let how = How::Run { command: format!("{} {}", package.manager, package.name) };
            let because = self.tell.package(package);
            let making =
                Making { at: package.at, how, certainty: Certainty::Likely, because, from: Vec::new() };
            return makings.insert(0, making);
        }
        if let Base::Source(id) = base {
            let is_usual = names::is_usual(path) || !has_packages && names::is_usual_without_packages(path);
            // Who reads everything has the base image in mind least of all.
            let is_root = path == "/" && (before == usize::MAX || makings.is_empty());
            let is_guess = makings.iter().all(|making| making.certainty == Certainty::Unknown);
            if is_root || !is_known && path != "/" && (is_guess || is_usual) {
                let from = self.path(Place::Source(id), path, names::shape(path));
                let certainty = if is_usual { Certainty::Likely } else { Certainty::Unknown };
                let because = self.tell.image(id, is_usual);
                let at = At { stage: root, step: 0, trigger: None };
                let making = Making { at, how: How::Base, certainty, because, from: vec![from] };
                makings.insert(if is_usual && !is_root { 0 } else { makings.len() }, making);
            }
        }
        for opaque in of_packages {
            makings.push(self.guess(opaque, is_known));
        }
        let is_all = book.lineage(stage).count() < MAX_BASES;
        let is_empty_stage = path == "/" && base == Base::Empty;
        if makings.is_empty() && is_all && (is_empty_stage || !is_tree && path != "/") {
            let at = At { stage, step: 0, trigger: None };
            let is_certain = base == Base::Empty && !paths::is_pattern(path);
            let certainty = if is_certain { Certainty::Certain } else { Certainty::Likely };
            let because = self.tell.nothing(stage, path);
            makings.push(Making { at, how: How::Nothing, certainty, because, from: Vec::new() });
        }
    }

    fn guess(&self, opaque: &Opaque, is_known: bool) -> Making {
        let how = How::Run { command: opaque.command.clone() };
        let because = self.tell.opaque(opaque, is_known);
        Making { at: opaque.at, how, certainty: Certainty::Unknown, because, from: Vec::new() }
    }

    /// The nearest base that has something to say about a path.
    fn in_bases(&self, stage: StageId, path: &str, shape: Shape) -> Option<(StageId, Evidence)> {
        let mut best: Option<(StageId, Evidence)> = None;
        for id in self.book.lineage(stage).skip(1) {
            if let Some(evidence) = self.book.evidence(id, path, shape, usize::MAX)
                && best.is_none_or(|(_, known)| evidence < known && known == Evidence::Above)
            {
                best = Some((id, evidence));
            }
        }
        best
    }

    fn of_base(&mut self, stage: StageId, base: StageId, path: &str, shape: Shape) -> Making {
        let from = vec![self.path(Place::Stage(base), path, shape)];
        let at = At { stage, step: 0, trigger: None };
        let because = self.tell.base(stage, base);
        Making { at, how: How::Base, certainty: Certainty::Certain, because, from }
    }
}

/// The facts that concern a path, in their order.
#[derive(Default)]
struct Found {
    files: Vec<usize>,
    exact: Vec<usize>,
    below: Vec<usize>,
    above: Vec<usize>,
    lost: Vec<usize>,
    removals: Vec<usize>,
}

fn is_lost(fact: &Fact, path: &str) -> bool {
    match relation(&fact.path, path) {
        Relation::Same => true,
        Relation::Below => matches!(fact.shape, Shape::Tree | Shape::Either),
        Relation::Above | Relation::Apart => false,
    }
}

/// Whether a RUN may write there.
fn concerns(opaque: &Opaque, path: &str) -> bool {
    !opaque.is_system || names::is_system(path)
}

/// The path that a copied path was at its source.
fn source_path(fact: &Fact, read: &Read, path: &str) -> (String, Shape) {
    let is_pattern = paths::is_pattern(&read.path);
    let rest = paths::below(&fact.path, path);
    match relation(&fact.path, path) {
        _ if paths::is_pattern(path) => (read.path.clone(), read.shape),
        Relation::Same if is_pattern && !paths::is_pattern(paths::name(&fact.path)) => {
            (read.path.clone(), read.shape)
        }
        Relation::Same if is_pattern => {
            let path = join_path(&[paths::parent(&read.path), paths::name(path)]);
            (path.clone(), names::shape(&path))
        }
        Relation::Same | Relation::Above | Relation::Apart => (read.path.clone(), read.shape),
        Relation::Below if is_pattern || rest.is_empty() => (read.path.clone(), read.shape),
        Relation::Below => {
            // A file that went into its destination is its own first part.
            let name = paths::name(&read.path);
            let rest = match fact.shape == Shape::Either && paths::parts(rest).next() == Some(name) {
                true => paths::below("x", rest),
                false => rest,
            };
            let path = join_path(&[&read.path, rest]);
            (path.clone(), if rest.is_empty() { read.shape } else { names::shape(&path) })
        }
    }
}
