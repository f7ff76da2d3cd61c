//! What holds for every artifact ledger.

use dockerfile::queries::ledger::{At, How, Ledger, NodeId, Place};
use dockerfile::queries::{self, Cut};
use dockerfile::stages::{Effect, StageGraph};

/// What the ledger names is there, nothing is made from itself, and it does not outgrow the file.
pub(crate) fn check(graph: &StageGraph, cut: &Cut) {
    let ledger = queries::ledger(graph, cut);
    assert_eq!(ledger, queries::ledger(graph, cut), "the same file has two ledgers");
    let is_at = |at: At| {
        let stage = &graph.stages[at.stage.0];
        assert!(at.step < stage.steps.len(), "a ledger names a row that is not there");
        assert!(at.trigger.is_none_or(|trigger| trigger < stage.triggers.len() && at.step == 0));
    };
    let is_node = |id: NodeId| assert!(ledger.node(id).is_some(), "a ledger names a node that is not there");
    for node in &ledger.nodes {
        match node.place {
            Place::Stage(id) => assert!(cut.stages[id.0].used, "a ledger follows a stage that is not used"),
            Place::Source(id) => assert!(id.0 < graph.sources.len()),
            Place::Heredoc(at) => is_at(at),
        }
        assert!(node.path.starts_with('/'), "{:?} is not absolute", node.path);
        assert!(node.makings.is_empty() != matches!(node.place, Place::Stage(_)) || ledger.is_cut_short);
        for making in &node.makings {
            is_at(making.at);
            making.from.iter().for_each(|id| is_node(*id));
            assert!(making.because.ends_with('.'), "{:?} is no sentence", making.because);
            assert!(making.how != How::Nothing || making.from.is_empty());
        }
    }
    for entry in &ledger.entries {
        is_node(entry.node);
        let others = entry.overwritten_by.iter().chain(&entry.removed_by).chain(&entry.changed_by);
        others.chain([&entry.at]).for_each(|at| is_at(*at));
        assert!(!ledger.describe(graph, entry.node).is_empty());
        assert_eq!(ledger.chain(entry.node).first(), Some(&entry.node));
    }
    for left in &ledger.left_behind {
        assert!(cut.stages[left.stage.0].used && left.stage != cut.target);
        left.paths.iter().for_each(|path| is_node(path.node));
        left.selected.iter().for_each(|it| is_node(it.node));
    }
    assert!(!has_cycle(&ledger), "a path is made from itself");
    let weight: usize =
        graph.stages.iter().flat_map(|stage| &stage.commands).map(|it| weight(&it.effect)).sum();
    let n_nodes = ledger.nodes.len();
    assert!(n_nodes <= 600 + 40 * (weight + graph.stages.len()), "{n_nodes} nodes from {weight} bytes");
}

/// How much there is to read in an instruction.
fn weight(effect: &Effect) -> usize {
    match effect {
        Effect::Copy(copied) => copied.sources.len() + copied.contents.len(),
        Effect::Run(ran) => {
            let script = ran.script.iter().map(|script| script.data.len());
            script.chain(ran.line.arguments.iter().map(|it| it.len())).sum::<usize>()
        }
        _ => 1,
    }
}

fn has_cycle(ledger: &Ledger) -> bool {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; ledger.nodes.len()];
    for start in 0..ledger.nodes.len() {
        let mut open = vec![(start, false)];
        while let Some((id, is_done)) = open.pop() {
            if is_done {
                marks[id] = Mark::Done;
                continue;
            }
            match marks[id] {
                Mark::Open => return true,
                Mark::Done => continue,
                Mark::New => {}
            }
            marks[id] = Mark::Open;
            open.push((id, true));
            let from = ledger.nodes[id].makings.iter().flat_map(|making| &making.from);
            let from = from.filter(|id| marks[id.0] != Mark::Done).map(|id| (id.0, false));
            open.extend(from.collect::<std::collections::BTreeSet<_>>());
        }
    }
    false
}
