//! The narrow picture: everything in one column in file order, edges in a gutter on the left.
//!
//! All edges of one node share a lane; the shorter a lane, the closer it runs to the cards.

use super::{CARD_WIDTH_DOWN, Line, MARGIN, Point, Scene};
use crate::stages::{Node, StageGraph};

const GAP: i32 = 20;
const SIDE: i32 = 10;
const LANE_WIDTH: i32 = 9;
/// Beyond this many, lanes share their place: a phone has no room for more.
const MAX_LANES: usize = 9;
const CORNER: i32 = 8;

pub(super) fn arrange(scene: &mut Scene, graph: &StageGraph) {
    let n_stages = graph.stages.len();
    stack(scene, graph);
    let spans = spans(scene, graph);
    let lanes = lanes(&spans);
    let n_lanes = lanes.iter().map(|lane| lane + 1).max().unwrap_or(0);
    let left = SIDE + LANE_WIDTH * (n_lanes as i32 + 1);
    for card in &mut scene.cards {
        card.move_to(left, card.frame.y);
    }
    for source in &mut scene.sources {
        source.frame.x = left;
    }
    let lane_x = |node: usize| left - LANE_WIDTH * (lanes[node] as i32 + 1);
    scene.lines = graph
        .edges
        .iter()
        .enumerate()
        .map(|(idx, edge)| {
            let node = node_idx(edge.from, n_stages);
            let card = &scene.cards[edge.to.0];
            let end = Point { x: left, y: card.frame.y + card.arrival(edge.step) };
            let start = Point { x: left, y: leave(scene, node, n_stages) };
            Line { edge: idx, points: around(start, lane_x(node), end) }
        })
        .collect();
    scene.width = left + CARD_WIDTH_DOWN + SIDE;
    scene.height = scene.cards.last().map_or(0, |card| card.frame.bottom()) + MARGIN;
}

fn node_idx(node: Node, n_stages: usize) -> usize {
    match node {
        Node::Stage(stage) => stage.0,
        Node::Source(source) => n_stages + source.0,
    }
}

/// Each source directly above the first stage that uses it.
fn stack(scene: &mut Scene, graph: &StageGraph) {
    let mut above: Vec<Vec<usize>> = vec![Vec::new(); graph.stages.len()];
    let mut first_use = vec![usize::MAX; graph.sources.len()];
    for edge in &graph.edges {
        if let Node::Source(source) = edge.from {
            first_use[source.0] = first_use[source.0].min(edge.to.0);
        }
    }
    for (source, &stage) in first_use.iter().enumerate() {
        if let Some(list) = above.get_mut(stage) {
            list.push(source);
        }
    }
    let mut y = MARGIN / 2;
    for (card, sources) in scene.cards.iter_mut().zip(above) {
        for source in sources {
            let frame = &mut scene.sources[source].frame;
            frame.y = y;
            y += frame.height + GAP / 2;
        }
        card.move_to(0, y);
        y += card.frame.height + GAP;
    }
}

fn leave(scene: &Scene, node: usize, n_stages: usize) -> i32 {
    match scene.cards.get(node) {
        Some(card) => card.frame.y + card.departure(),
        None => {
            let frame = scene.sources[node - n_stages].frame;
            frame.y + frame.height / 2
        }
    }
}

/// From top to bottom of everything that leaves each node; `None` where nothing does.
fn spans(scene: &Scene, graph: &StageGraph) -> Vec<Option<(i32, i32)>> {
    let n_stages = graph.stages.len();
    let mut spans = vec![None; n_stages + graph.sources.len()];
    for edge in &graph.edges {
        let node = node_idx(edge.from, n_stages);
        let from = leave(scene, node, n_stages);
        let card = &scene.cards[edge.to.0];
        let to = card.frame.y + card.arrival(edge.step);
        let span = spans[node].get_or_insert((from, from));
        *span = (span.0.min(to), span.1.max(to));
    }
    spans
}

fn lanes(spans: &[Option<(i32, i32)>]) -> Vec<usize> {
    let mut lanes = vec![0; spans.len()];
    let mut order: Vec<(i32, usize)> = spans
        .iter()
        .enumerate()
        .filter_map(|(node, span)| span.map(|(top, bottom)| (bottom - top, node)))
        .collect();
    order.sort_unstable();
    let mut taken: Vec<Vec<(i32, i32)>> = Vec::new();
    for (_, node) in order {
        let Some((top, bottom)) = spans[node] else { continue };
        let is_free = |lane: &Vec<(i32, i32)>| lane.iter().all(|&(t, b)| bottom + 4 < t || b + 4 < top);
        let lane = match taken.iter().position(is_free) {
            Some(lane) => lane,
            None if taken.len() < MAX_LANES => {
                taken.push(Vec::new());
                taken.len() - 1
            }
            None => MAX_LANES - 1,
        };
        taken[lane].push((top, bottom));
        lanes[node] = lane;
    }
    lanes
}

/// Out to the lane, along it, and back in, with round corners.
fn around(start: Point, lane: i32, end: Point) -> Vec<Point> {
    let toward = if end.y >= start.y { 1 } else { -1 };
    let corner = CORNER.min((end.y - start.y).abs() / 2);
    let mut points = vec![start];
    let mut curve = |a: Point, b: Point, c: Point| points.extend([a, b, c]);
    let at = |x: i32, y: i32| Point { x, y };
    let turn = at(lane, start.y);
    curve(turn, turn, at(lane, start.y + toward * corner));
    let down = at(lane, end.y - toward * corner);
    curve(down, down, down);
    let turn = at(lane, end.y);
    curve(turn, turn, end);
    points
}
