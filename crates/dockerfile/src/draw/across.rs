//! The wide picture: a column a rank, edges from left to right into the rows that use them.
//!
//! A stage stands one column right of the furthest thing that it takes from; a source one column left of its
//! first user. An edge over several columns runs through the columns between as a *trunk*, which takes part in
//! the ordering like a very low box, so that lines do not run behind cards. All edges from one node share
//! their trunk.

use std::collections::BTreeMap;

use super::order::{Segment, reduce_crossings};
use super::place::{Wish, place};
use super::{Line, Link, MARGIN, Point, Scene};

const COLUMN_GAP: i32 = 56;
/// A column gap grows by this much for each line that passes through it, up to a limit.
const GAP_PER_LINE: i32 = 2;
const MAX_COLUMN_GAP: i32 = 108;
const ROW_GAP: i32 = 26;
const TRUNK_HEIGHT: i32 = 6;
/// How far a line that runs backward keeps from the boxes.
const BACKWARD_GAP: i32 = 16;

/// A box or a trunk, with its column.
#[derive(Clone, Copy)]
struct Item {
    column: usize,
    height: i32,
    width: i32,
    /// Pull of its neighbours on the item, and of the item on them.
    is_trunk: bool,
}

struct Plan {
    items: Vec<Item>,
    segments: Vec<Segment>,
    /// Items that each edge passes through, from left to right; empty for one that points backward.
    routes: Vec<Vec<usize>>,
}

pub(super) fn arrange(scene: &mut Scene, links: &[Link]) {
    let plan = plan(scene, links);
    let n_columns = plan.items.iter().map(|item| item.column + 1).max().unwrap_or(0);
    let mut columns: Vec<Vec<usize>> = vec![Vec::new(); n_columns];
    for (idx, item) in plan.items.iter().enumerate() {
        columns[item.column].push(idx);
    }
    sort_as_in_file(&mut columns, &plan, scene.cards.len(), links);
    reduce_crossings(&mut columns, plan.items.len(), &plan.segments);
    let tops = heights(&columns, &plan);
    let lefts = column_lefts(&columns, &plan);
    for (idx, card) in scene.cards.iter_mut().enumerate() {
        card.move_to(lefts[plan.items[idx].column], tops[idx]);
    }
    let n_cards = scene.cards.len();
    for (idx, source) in scene.sources.iter_mut().enumerate() {
        let item = plan.items[n_cards + idx];
        // A source stands at the right side of its column, close to its users.
        let width = columns[item.column].iter().map(|&other| plan.items[other].width).max().unwrap_or(0);
        source.frame.x = lefts[item.column] + width - item.width;
        source.frame.y = tops[n_cards + idx];
    }
    scene.lines = links
        .iter()
        .zip(&plan.routes)
        .map(|(link, way)| Line {
            edge: link.edge,
            points: route(scene, link, way, &plan, &tops, &lefts, &columns),
        })
        .collect();
    scene.width = scene.frames().map(|frame| frame.right()).max().unwrap_or(0) + MARGIN;
    scene.height = scene
        .frames()
        .map(|frame| frame.bottom())
        .chain(tops.iter().map(|top| top + TRUNK_HEIGHT))
        .chain(scene.lines.iter().flat_map(|line| line.points.iter().map(|point| point.y)))
        .max()
        .unwrap_or(0)
        + MARGIN;
}

/// Columns and trunks.
fn plan(scene: &Scene, links: &[Link]) -> Plan {
    let n_cards = scene.cards.len();
    let n_things = n_cards + scene.sources.len();
    let mut column = vec![0; n_things];
    column[..n_cards].fill(usize::from(!scene.sources.is_empty()));
    // Links come in the order of their users and point forward in the file, so one pass settles every column.
    for link in links.iter().filter(|link| link.forward && link.from < n_cards) {
        column[link.to] = column[link.to].max(column[link.from] + 1);
    }
    column[n_cards..].fill(usize::MAX);
    for link in links.iter().filter(|link| link.from >= n_cards) {
        column[link.from] = column[link.from].min(column[link.to] - 1);
    }
    let mut items: Vec<Item> = (0..n_things)
        .map(|thing| {
            let frame = scene.frame(thing);
            let column = if column[thing] == usize::MAX { 0 } else { column[thing] };
            Item { column, height: frame.height, width: frame.width, is_trunk: false }
        })
        .collect();

    let mut trunks: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut segments = Vec::new();
    let mut routes = Vec::with_capacity(links.len());
    for &Link { from, to, step, forward, .. } in links {
        if !forward {
            routes.push(Vec::new());
            continue;
        }
        let mut way = vec![from];
        for column in items[from].column + 1..items[to].column {
            let next = *trunks.entry((from, column)).or_insert_with(|| {
                let last = *way.last().expect("a way starts at its node");
                segments.push(Segment {
                    column: column - 1,
                    from: last,
                    from_port: departure(scene, last),
                    to: items.len(),
                    to_port: TRUNK_HEIGHT / 2,
                });
                items.push(Item { column, height: TRUNK_HEIGHT, width: 0, is_trunk: true });
                items.len() - 1
            });
            way.push(next);
        }
        let last = *way.last().expect("a way starts at its node");
        segments.push(Segment {
            column: items[to].column - 1,
            from: last,
            from_port: departure(scene, last),
            to,
            to_port: scene.cards[to].arrival(step),
        });
        way.push(to);
        routes.push(way);
    }
    Plan { items, segments, routes }
}

/// Height at which edges leave an item, from its top.
fn departure(scene: &Scene, item: usize) -> i32 {
    if item < scene.cards.len() + scene.sources.len() { scene.departure(item) } else { TRUNK_HEIGHT / 2 }
}

/// The order to start from: as the file has it; sources and trunks by the row that first uses them.
fn sort_as_in_file(columns: &mut [Vec<usize>], plan: &Plan, n_cards: usize, links: &[Link]) {
    let mut key: Vec<(usize, usize)> = (0..plan.items.len()).map(|idx| (idx, 0)).collect();
    key[n_cards..].fill((usize::MAX, 0));
    for (link, way) in links.iter().zip(&plan.routes) {
        for &item in way.iter().filter(|&&item| item >= n_cards) {
            key[item] = key[item].min((link.to, link.step));
        }
    }
    for column in columns {
        column.sort_by_key(|&item| (key[item], item >= n_cards, item));
    }
}

/// Tops of all items: relaxed from both sides, then moved so that the highest stands at the margin.
fn heights(columns: &[Vec<usize>], plan: &Plan) -> Vec<i32> {
    let n_items = plan.items.len();
    let mut tops = vec![0.0_f64; n_items];
    for column in columns {
        let mut top = 0.0;
        for &item in column {
            tops[item] = top;
            top += f64::from(plan.items[item].height + ROW_GAP);
        }
    }
    let mut pulls: Vec<Vec<(usize, f64, f64)>> = vec![Vec::new(); n_items];
    for segment in &plan.segments {
        // A trunk wants to be straight; a card is pulled by what it is built from more than by who uses it.
        let (from, to) = (plan.items[segment.from], plan.items[segment.to]);
        let weight = if from.is_trunk || to.is_trunk { 3.0 } else { 1.0 };
        let offset = f64::from(segment.from_port - segment.to_port);
        pulls[segment.to].push((segment.from, offset, weight));
        pulls[segment.from].push((segment.to, -offset, weight));
    }
    for round in 0..10 {
        for step in 0..columns.len() {
            let column = if round % 2 == 0 { step } else { columns.len() - 1 - step };
            let wishes: Vec<Wish> = columns[column]
                .iter()
                .map(|&item| {
                    let mut weight = 0.01;
                    let mut sum = 0.01 * tops[item];
                    for &(other, offset, pull) in &pulls[item] {
                        weight += pull;
                        sum += pull * (tops[other] + offset);
                    }
                    Wish { height: plan.items[item].height, top: sum / weight, weight }
                })
                .collect();
            for (&item, top) in columns[column].iter().zip(place(&wishes, ROW_GAP)) {
                tops[item] = top;
            }
        }
    }
    let highest = tops.iter().copied().fold(f64::INFINITY, f64::min);
    tops.iter().map(|top| (top - highest).round() as i32 + MARGIN).collect()
}

/// Left sides of the columns.
fn column_lefts(columns: &[Vec<usize>], plan: &Plan) -> Vec<i32> {
    let mut n_lines = vec![0; columns.len()];
    for segment in &plan.segments {
        n_lines[segment.column] += 1;
    }
    let mut left = MARGIN;
    columns
        .iter()
        .zip(n_lines)
        .map(|(column, n_lines)| {
            let here = left;
            let width = column.iter().map(|&item| plan.items[item].width).max().unwrap_or(0);
            left += width + (COLUMN_GAP + GAP_PER_LINE * n_lines).min(MAX_COLUMN_GAP);
            here
        })
        .collect()
}

fn route(
    scene: &Scene,
    link: &Link,
    way: &[usize],
    plan: &Plan,
    tops: &[i32],
    lefts: &[i32],
    columns: &[Vec<usize>],
) -> Vec<Point> {
    let target = &scene.cards[link.to];
    let end = Point { x: target.frame.x, y: target.frame.y + target.arrival(link.step) };
    let from = scene.frame(link.from);
    let start = Point { x: from.right(), y: from.y + scene.departure(link.from) };
    let mut points = vec![start];
    if way.is_empty() {
        backward(&mut points, end, lowest(scene, end.x, start.x));
        return points;
    }
    for &trunk in &way[1..way.len() - 1] {
        let column = plan.items[trunk].column;
        let width = columns[column].iter().map(|&item| plan.items[item].width).max().unwrap_or(0);
        let y = tops[trunk] + TRUNK_HEIGHT / 2;
        forward(&mut points, Point { x: lefts[column], y });
        straight(&mut points, Point { x: lefts[column] + width, y });
    }
    forward(&mut points, end);
    points
}

/// A curve that leaves and arrives level.
fn forward(points: &mut Vec<Point>, end: Point) {
    let start = *points.last().expect("a line has a start");
    let bend = ((end.x - start.x) / 2).max(20);
    points.extend([Point { x: start.x + bend, y: start.y }, Point { x: end.x - bend, y: end.y }, end]);
}

fn straight(points: &mut Vec<Point>, end: Point) {
    let start = *points.last().expect("a line has a start");
    points.extend([start, end, end]);
}

/// The bottom of everything that stands between `left` and `right`.
fn lowest(scene: &Scene, left: i32, right: i32) -> i32 {
    let between =
        scene.frames().filter(|frame| frame.x < right.max(left + 1) && left.min(right - 1) < frame.right());
    between.map(|frame| frame.bottom()).max().unwrap_or(0)
}

/// A loop below everything, for a reference that BuildKit refuses.
fn backward(points: &mut Vec<Point>, end: Point, lowest: i32) {
    let start = *points.last().expect("a line has a start");
    let low = lowest + BACKWARD_GAP;
    let at = |x: i32, y: i32| Point { x, y };
    let (right, left) = (start.x + BACKWARD_GAP, end.x - BACKWARD_GAP);
    points.extend([at(right, start.y), at(right, low), at(start.x, low)]);
    straight(points, at(end.x, low));
    points.extend([at(left, low), at(left, end.y), end]);
}
