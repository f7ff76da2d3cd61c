//! The ledger as a whole: what ships, and what the stages that do not ship keep.

use std::collections::{BTreeSet, HashSet};

use super::facts::{Base, Book, Does, Fact, Listing};
use super::paths::{Relation, relation};
use super::trace::Tracer;
use super::tree::Tree;
use super::{At, Entry, Ledger, Left, LeftBehind, NodeId, Place, Selected, Shape};
use crate::context::BuildContext;
use crate::queries::Cut;
use crate::stages::{StageGraph, StageId};

/// Lines that change one path which are told.
const MAX_CHANGES: usize = 8;
/// Paths of one stage that are told to stay behind.
const MAX_LEFT: usize = 100;

/// Finds out how each path got into the image of the cut's target. Right only if the cut has no errors.
pub fn ledger(graph: &StageGraph, cut: &Cut) -> Ledger {
    ledger_with(graph, cut, None)
}

/// The same of a build whose context is known: each file of it that is copied is told by itself.
pub fn ledger_with(graph: &StageGraph, cut: &Cut, context: Option<&BuildContext>) -> Ledger {
    ledger_asking(graph, cut, context, &[]).0
}

/// The same, and what is known of certain paths of the image, whether or not an entry stands for them: a node for each.
pub fn ledger_asking(
    graph: &StageGraph,
    cut: &Cut,
    context: Option<&BuildContext>,
    paths: &[&str],
) -> (Ledger, Vec<NodeId>) {
    let book = &Book::new(graph, cut, context);
    if cut.target.0 >= book.stages.len() {
        return (Ledger::default(), Vec::new());
    }
    let mut lineage: Vec<StageId> = book.lineage(cut.target).collect();
    lineage.reverse();
    let mut tracer = Tracer::new(book);
    let entries = entries(book, &mut tracer, &lineage);
    let used = |id: &StageId| cut.stages.get(id.0).is_some_and(|stage| stage.used);
    let ids = graph.stages.iter().map(|stage| stage.id);
    let behind: Vec<StageId> = ids.clone().filter(|id| used(id) && !lineage.contains(id)).collect();
    let left_behind = left_behind(book, &mut tracer, &behind);
    let asked = paths.iter().map(|path| tracer.path(Place::Stage(cut.target), path, Shape::Either));
    let asked = asked.collect();
    tracer.follow();
    let opaque = lineage.iter().flat_map(|id| &book.stages[id.0].opaque);
    let ledger = Ledger {
        entries,
        packages: lineage.iter().flat_map(|id| book.stages[id.0].packages.iter().cloned()).collect(),
        opaque: opaque.filter(|it| !it.is_system).map(|it| it.at).collect(),
        left_behind,
        not_built: ids.filter(|id| !used(id)).collect(),
        is_cut_short: tracer.is_cut_short,
        nodes: tracer.nodes,
    };
    (ledger, asked)
}

fn entries(book: &Book<'_>, tracer: &mut Tracer<'_, '_>, lineage: &[StageId]) -> Vec<Entry> {
    let mut tree = Tree::default();
    let mut facts: Vec<(StageId, usize, &Fact)> = Vec::new();
    for &stage in lineage {
        for (index, fact) in book.stages[stage.0].facts.iter().enumerate() {
            tree.insert(&fact.path, facts.len());
            facts.push((stage, index, fact));
        }
    }
    let mut entries = Vec::new();
    if let Some((root, Base::Source(id))) = lineage.first().map(|root| (*root, book.stages[root.0].base)) {
        let node = tracer.path(Place::Source(id), "/", Shape::Tree);
        let at = At { stage: root, step: 0, trigger: None };
        entries.push(Entry { node, at, overwritten_by: None, removed_by: None, changed_by: Vec::new() });
    }
    let mut directories: HashSet<&str> = HashSet::new();
    for (place, &(stage, index, fact)) in facts.iter().enumerate() {
        let is_again = fact.shape == Shape::Directory && !directories.insert(&fact.path);
        let is_inner = fact.listing == Listing::Part && fact.shape == Shape::Tree;
        if fact.does != Does::Makes || is_again || is_inner {
            continue;
        }
        let mut entry = Entry {
            node: tracer.fact(stage, index),
            at: fact.at,
            overwritten_by: None,
            removed_by: None,
            changed_by: Vec::new(),
        };
        for later in tree.around(&fact.path, false, usize::MAX).into_iter().filter(|it| *it > place) {
            let later = facts[later].2;
            let relation = relation(&later.path, &fact.path);
            match later.does {
                Does::Makes if relation == Relation::Same && both_files(fact, later) => {
                    entry.overwritten_by = Some(later.at);
                    break;
                }
                Does::Removes if matches!(relation, Relation::Same | Relation::Below) => {
                    entry.removed_by = Some(later.at);
                    break;
                }
                Does::Changes(is_tree)
                    if relation == Relation::Same || is_tree && relation == Relation::Below =>
                {
                    if entry.changed_by.len() < MAX_CHANGES && entry.changed_by.last() != Some(&later.at) {
                        entry.changed_by.push(later.at);
                    }
                }
                Does::Makes | Does::Removes | Does::Changes(_) | Does::Loses(..) => {}
            }
        }
        entries.push(entry);
    }
    entries
}

fn both_files(first: &Fact, second: &Fact) -> bool {
    [first, second].iter().all(|fact| fact.shown_shape() == Shape::File)
}

fn left_behind(book: &Book<'_>, tracer: &mut Tracer<'_, '_>, stages: &[StageId]) -> Vec<LeftBehind> {
    let mut taken: Vec<Tree> = book.stages.iter().map(|_| Tree::default()).collect();
    let mut taken_paths: Vec<Vec<String>> = vec![Vec::new(); book.stages.len()];
    let mut selected: Vec<BTreeSet<Selected>> = vec![BTreeSet::new(); book.stages.len()];
    for fact in book.stages.iter().flat_map(|stage| &stage.facts) {
        for read in &fact.reads {
            let Place::Stage(id) = read.place else { continue };
            if id == fact.at.stage {
                continue;
            }
            let node = tracer.path(read.place, &read.path, read.shape);
            selected[id.0].insert(Selected { node, by: fact.at, is_mount: read.is_mount });
            if !read.is_mount {
                // What a stage has from its base is taken from there as well.
                for id in book.lineage(id) {
                    taken[id.0].insert(&read.path, taken_paths[id.0].len());
                    taken_paths[id.0].push(read.path.clone());
                }
            }
        }
    }
    let mut rows = Vec::new();
    for &stage in stages {
        let facts = &book.stages[stage.0];
        let mut paths: Vec<Left> = Vec::new();
        let mut seen: HashSet<&str> = HashSet::new();
        for (index, fact) in facts.facts.iter().enumerate() {
            let mut is_new = || seen.insert(&fact.path);
            // Of a directory that stays, the files need no telling.
            let is_told = fact.shape == Shape::Directory || fact.listing == Listing::Part;
            if fact.does != Does::Makes || is_told || !is_new() {
                continue;
            }
            // What is removed again does not stay.
            let mut is_taken = facts.tree.around(&fact.path, false, usize::MAX).iter().any(|later| {
                let later =
                    (*later > index).then(|| &facts.facts[*later]).filter(|it| it.does == Does::Removes);
                later.is_some_and(|it| {
                    matches!(relation(&it.path, &fact.path), Relation::Same | Relation::Below)
                })
            });
            let mut in_part = false;
            for it in taken[stage.0].around(&fact.path, true, usize::MAX) {
                match relation(&taken_paths[stage.0][it], &fact.path) {
                    Relation::Same | Relation::Below => is_taken = true,
                    Relation::Above => in_part = true,
                    Relation::Apart => {}
                }
            }
            if !is_taken && paths.len() < MAX_LEFT {
                paths.push(Left { node: tracer.fact(stage, index), in_part });
            } else if !is_taken {
                tracer.is_cut_short = true;
            }
        }
        let base = match facts.base {
            Base::Source(id) => Some(id),
            Base::Stage(_) | Base::Empty => None,
        };
        let selected: Vec<Selected> = std::mem::take(&mut selected[stage.0]).into_iter().collect();
        rows.push(LeftBehind { stage, base, packages: facts.packages.clone(), paths, selected });
    }
    rows
}
