//! The narrow picture: everything in one column in file order, edges in a gutter on the left.
//!
//! All edges of one node share a lane; the shorter a lane, the closer it runs to the cards.

use super::{CARD_WIDTH_DOWN, Line, Link, MARGIN, Point, Scene};

const GAP: i32 = 20;
const SIDE: i32 = 10;
const LANE_WIDTH: i32 = 9;
/// Beyond this many, lanes share their place: a phone has no room for more.
const MAX_LANES: usize = 9;
const CORNER: i32 = 8;

pub(super) fn arrange(scene: &mut Scene, links: &[Link]) {
    stack(scene, links);
    let spans = spans(scene, links);
    let lanes = lanes(&spans);
    let n_lanes = lanes.iter().map(|lane| lane + 1).max().unwrap_or(0);
    let left = SIDE + LANE_WIDTH * (n_lanes as i32 + 1);
    for card in &mut scene.cards {
        card.move_to(left, card.frame.y);
    }
    for source in &mut scene.sources {
        source.frame.x = left;
    }
    let lane_x = |thing: usize| left - LANE_WIDTH * (lanes[thing] as i32 + 1);
    let line = |link: &Link| {
        let start = Point { x: left, y: leave(scene, link.from) };
        let end = Point { x: left, y: arrive(scene, link) };
        Line { edge: link.edge, points: around(start, lane_x(link.from), end) }
    };
    scene.lines = links.iter().map(line).collect();
    scene.width = left + CARD_WIDTH_DOWN + SIDE;
    scene.height = scene.frames().map(|frame| frame.bottom()).max().unwrap_or(0) + MARGIN;
}

/// Each source directly above the first stage that uses it.
fn stack(scene: &mut Scene, links: &[Link]) {
    let n_cards = scene.cards.len();
    let mut above: Vec<Vec<usize>> = vec![Vec::new(); n_cards.max(1)];
    // A source that nothing uses stands at the top.
    let mut first_use = vec![0; scene.sources.len()];
    for link in links.iter().rev().filter(|link| link.from >= n_cards) {
        first_use[link.from - n_cards] = link.to;
    }
    for (source, &card) in first_use.iter().enumerate() {
        above[card].push(source);
    }
    let mut y = MARGIN / 2;
    for (card, sources) in above.into_iter().enumerate() {
        for source in sources {
            let frame = &mut scene.sources[source].frame;
            frame.y = y;
            y += frame.height + GAP / 2;
        }
        if let Some(card) = scene.cards.get_mut(card) {
            card.move_to(0, y);
            y += card.frame.height + GAP;
        }
    }
}

fn leave(scene: &Scene, thing: usize) -> i32 {
    scene.frame(thing).y + scene.departure(thing)
}

fn arrive(scene: &Scene, link: &Link) -> i32 {
    let card = &scene.cards[link.to];
    card.frame.y + card.arrival(link.step)
}

/// From top to bottom of everything that leaves each thing; `None` where nothing does.
fn spans(scene: &Scene, links: &[Link]) -> Vec<Option<(i32, i32)>> {
    let mut spans = vec![None; scene.cards.len() + scene.sources.len()];
    for link in links {
        let from = leave(scene, link.from);
        let to = arrive(scene, link);
        let span = spans[link.from].get_or_insert((from, from));
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
