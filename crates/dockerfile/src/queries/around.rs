//! What belongs to one place of the graph: everything it is made from, and everything that is made from it.

use std::collections::BTreeSet;

use crate::stages::{Node, StageGraph};

/// The node itself, all that leads to it and all that it leads to.
pub fn around(graph: &StageGraph, node: Node) -> BTreeSet<Node> {
    let mut before: Vec<Vec<Node>> = vec![Vec::new(); graph.stages.len()];
    let mut after_stage: Vec<Vec<Node>> = vec![Vec::new(); graph.stages.len()];
    let mut after_source: Vec<Vec<Node>> = vec![Vec::new(); graph.sources.len()];
    for edge in &graph.edges {
        before[edge.to.0].push(edge.from);
        match edge.from {
            Node::Stage(stage) => after_stage[stage.0].push(Node::Stage(edge.to)),
            Node::Source(source) => after_source[source.0].push(Node::Stage(edge.to)),
        }
    }
    let upstream = |node: Node| match node {
        Node::Stage(stage) => before[stage.0].as_slice(),
        Node::Source(_) => &[],
    };
    let downstream = |node: Node| match node {
        Node::Stage(stage) => after_stage[stage.0].as_slice(),
        Node::Source(source) => after_source[source.0].as_slice(),
    };
    let mut found = reached(node, upstream);
    found.append(&mut reached(node, downstream));
    found
}

fn reached<'n>(start: Node, next: impl Fn(Node) -> &'n [Node]) -> BTreeSet<Node> {
    let mut seen = BTreeSet::from([start]);
    let mut open = vec![start];
    while let Some(node) = open.pop() {
        open.extend(next(node).iter().copied().filter(|node| seen.insert(*node)));
    }
    seen
}
