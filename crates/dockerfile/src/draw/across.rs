//! The wide picture: columns of cards, edges from left to right into the rows that use them.
//!
//! An edge over several columns runs through the columns between as a *trunk*, which takes part in the ordering
//! like a very low box, so that lines do not run behind cards. All edges from one thing share their trunk, and
//! their lane in the gaps between columns.

use std::collections::BTreeMap;

use super::columns::columns;
use super::lanes::{Net, lanes};
use super::order::{Segment, reduce_crossings};
use super::place::{Item, Role, tops};
use super::{Line, Link, MARGIN, MAX_SOURCE_WIDTH, Point, Scene};

/// A column of sources with short names.
const NARROW_COLUMN: i32 = 180;
/// Room for an arrow, and for a line to turn.
const LANE_MARGIN: i32 = 24;
const LANE_WIDTH: i32 = 8;
/// Above this many lanes in a gap, they stand closer.
const MAX_LANES: usize = 14;
const MIN_COLUMN_GAP: i32 = 64;
const CORNER: i32 = 10;
const TRUNK_HEIGHT: i32 = 6;
/// How far a line that runs backward keeps from the boxes.
const BACKWARD_GAP: i32 = 16;

struct Plan {
    items: Vec<Item>,
    segments: Vec<Segment>,
    /// Segments of each link, from left to right; none for one that points backward.
    routes: Vec<Vec<usize>>,
}

/// Where a column stands.
#[derive(Clone, Copy, Default)]
struct Span {
    left: i32,
    right: i32,
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
    let mut tops = tops(&columns, &plan.items, &plan.segments);
    for top in &mut tops {
        *top += MARGIN;
    }
    let (spans, turns) = gaps(&columns, &plan, &tops);
    let n_cards = scene.cards.len();
    for (idx, card) in scene.cards.iter_mut().enumerate() {
        card.move_to(spans[plan.items[idx].column].left, tops[idx]);
    }
    for (idx, source) in scene.sources.iter_mut().enumerate() {
        let item = plan.items[n_cards + idx];
        // A source stands at the right side of its column, close to its users.
        source.frame.x = spans[item.column].right - item.width;
        source.frame.y = tops[n_cards + idx];
    }
    scene.lines = links
        .iter()
        .zip(&plan.routes)
        .map(|(link, way)| Line {
            edge: link.edge,
            points: route(scene, link, way, &plan, &tops, &spans, &turns),
        })
        .collect();
    let points = || scene.lines.iter().flat_map(|line| &line.points);
    let right = scene.frames().map(|frame| frame.right()).chain(points().map(|point| point.x)).max();
    let bottom = scene.frames().map(|frame| frame.bottom()).chain(points().map(|point| point.y)).max();
    scene.width = right.unwrap_or(0) + MARGIN;
    scene.height = bottom.unwrap_or(0) + MARGIN;
}

/// Columns and trunks.
fn plan(scene: &Scene, links: &[Link]) -> Plan {
    let n_cards = scene.cards.len();
    let n_things = n_cards + scene.sources.len();
    let mut items: Vec<Item> = columns(n_cards, n_things, links)
        .into_iter()
        .enumerate()
        .map(|(thing, column)| {
            let frame = scene.frame(thing);
            let role = match thing.checked_sub(n_cards).map(|source| scene.sources[source].user) {
                None => Role::Card,
                Some(None) => Role::Source,
                Some(Some(_)) => Role::OwnSource,
            };
            Item { column, height: frame.height, width: frame.width, role }
        })
        .collect();
    // The segment that ends in the trunk of a thing in a column.
    let mut trunks: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut segments: Vec<Segment> = Vec::new();
    let mut routes = Vec::with_capacity(links.len());
    let mut n_ends = vec![0; n_cards];
    for &Link { from, to, step, forward, .. } in links {
        let mut way = Vec::new();
        if forward {
            let mut last = (from, scene.departure(from));
            for column in items[from].column + 1..items[to].column {
                let segment = *trunks.entry((from, column)).or_insert_with(|| {
                    let trunk = Item { column, height: TRUNK_HEIGHT, width: 0, role: Role::Trunk };
                    items.push(trunk);
                    segments.push(Segment {
                        column: column - 1,
                        from: last.0,
                        from_port: last.1,
                        to: items.len() - 1,
                        to_port: TRUNK_HEIGHT / 2,
                        to_rank: 0,
                    });
                    segments.len() - 1
                });
                way.push(segment);
                last = (segments[segment].to, TRUNK_HEIGHT / 2);
            }
            way.push(segments.len());
            segments.push(Segment {
                column: items[to].column - 1,
                from: last.0,
                from_port: last.1,
                to,
                to_port: scene.cards[to].arrival(step),
                to_rank: n_ends[to],
            });
            n_ends[to] += 1;
        }
        routes.push(way);
    }
    Plan { items, segments, routes }
}

/// The order to start from: as the file has it; sources and trunks by the row that first uses them.
fn sort_as_in_file(columns: &mut [Vec<usize>], plan: &Plan, n_cards: usize, links: &[Link]) {
    let mut key: Vec<(usize, usize)> = (0..plan.items.len()).map(|idx| (idx, 0)).collect();
    key[n_cards..].fill((usize::MAX, 0));
    for (link, way) in links.iter().zip(&plan.routes) {
        for item in way.iter().map(|&segment| plan.segments[segment].from).filter(|&item| item >= n_cards) {
            key[item] = key[item].min((link.to, link.step));
        }
    }
    for column in columns {
        column.sort_by_key(|&item| (key[item], item >= n_cards, item));
    }
}

/// Where the columns stand, and for each segment where it turns in the gap behind its column.
fn gaps(columns: &[Vec<usize>], plan: &Plan, tops: &[i32]) -> (Vec<Span>, Vec<i32>) {
    let mut by_column: Vec<BTreeMap<usize, Vec<usize>>> = vec![BTreeMap::new(); columns.len()];
    for (idx, segment) in plan.segments.iter().enumerate() {
        by_column[segment.column].entry(segment.from).or_default().push(idx);
    }
    let mut spans = Vec::with_capacity(columns.len());
    let mut turns = vec![0; plan.segments.len()];
    let mut left = MARGIN;
    for (column, by_origin) in columns.iter().zip(by_column) {
        let widest = column.iter().map(|&item| plan.items[item].width).max().unwrap_or(0);
        // Not to the pixel: columns must not move with each letter of an image's name.
        let steps = [NARROW_COLUMN, MAX_SOURCE_WIDTH];
        let width = steps.into_iter().find(|&step| widest <= step).unwrap_or(widest);
        let right = left + width;
        spans.push(Span { left, right });
        let nets: Vec<Net> = by_origin
            .iter()
            .map(|(&from, segments)| {
                let ends = segments.iter().map(|&idx| {
                    let segment = &plan.segments[idx];
                    tops[segment.to] + segment.to_port
                });
                Net { start: tops[from] + plan.segments[segments[0]].from_port, ends: ends.collect() }
            })
            .collect();
        let (lanes, n_lanes) = lanes(&nets);
        // The width follows from who refers to whom, not from how many lanes that takes: else columns would
        // move with rows. A source with one user stands beside it and takes no lane.
        let needs_lane = |&(&from, segments): &(&usize, &Vec<usize>)| {
            !matches!(plan.items[from].role, Role::Source | Role::OwnSource) || segments.len() > 1
        };
        let room = LANE_WIDTH * by_origin.iter().filter(needs_lane).count().min(MAX_LANES) as i32;
        let gap = (room + 2 * LANE_MARGIN).max(MIN_COLUMN_GAP);
        let n_spaces = n_lanes.saturating_sub(1) as i32;
        let inner = (LANE_WIDTH * n_spaces).min(gap - 2 * LANE_MARGIN);
        for (segments, lane) in by_origin.values().zip(lanes) {
            for &segment in segments {
                turns[segment] = right + (gap - inner) / 2 + inner * lane as i32 / n_spaces.max(1);
            }
        }
        left = right + gap;
    }
    (spans, turns)
}

fn route(
    scene: &Scene,
    link: &Link,
    way: &[usize],
    plan: &Plan,
    tops: &[i32],
    spans: &[Span],
    turns: &[i32],
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
    for &idx in way {
        let segment = &plan.segments[idx];
        let span = spans[segment.column + 1];
        turn(&mut points, turns[idx], Point { x: span.left, y: tops[segment.to] + segment.to_port });
        if plan.items[segment.to].role == Role::Trunk {
            let y = points[points.len() - 1].y;
            straight(&mut points, Point { x: span.right, y });
        }
    }
    points
}

/// Level to a lane, along it, and level to the end, with round corners.
fn turn(points: &mut Vec<Point>, lane: i32, end: Point) {
    let start = *points.last().expect("a line has a start");
    let rise = end.y - start.y;
    if rise == 0 {
        return straight(points, end);
    }
    let corner = CORNER.min(rise.abs() / 2);
    let at = |x: i32, y: i32| Point { x, y };
    straight(points, at(lane - corner, start.y));
    let (from, to) = (start.y + rise.signum() * corner, end.y - rise.signum() * corner);
    points.extend([at(lane, start.y), at(lane, start.y), at(lane, from)]);
    if from != to {
        straight(points, at(lane, to));
    }
    points.extend([at(lane, end.y), at(lane, end.y), at(lane + corner, end.y)]);
    straight(points, end);
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
