//! Heights of the boxes in a column.
//!
//! The picture hangs from the top: a card stands as high as the cards above it and what it takes from let it, and
//! moves down only to stand beside its first user. So an instruction more in a stage moves what is below it, and
//! what is aligned to that, and nothing else; a picture with balanced heights would sway at each line typed.

use super::order::Segment;

/// Something that stands in a column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item {
    pub(crate) column: usize,
    pub(crate) height: i32,
    pub(crate) width: i32,
    pub(crate) role: Role,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Card,
    Source,
    /// A source that stands there for one user alone, and close to it.
    OwnSource,
    /// A place where a line passes the column.
    Trunk,
}

impl Item {
    /// The free space above and below.
    fn margin(&self) -> i32 {
        match self.role {
            Role::Card | Role::Source | Role::OwnSource => 13,
            Role::Trunk => 4,
        }
    }
}

/// Tops of all items, from 0, in the order that the columns have.
pub(crate) fn tops(columns: &[Vec<usize>], items: &[Item], segments: &[Segment]) -> Vec<i32> {
    let mut tops = vec![0; items.len()];
    let mut into: Vec<Vec<&Segment>> = vec![Vec::new(); items.len()];
    let mut out_of: Vec<Vec<&Segment>> = vec![Vec::new(); items.len()];
    for segment in segments {
        into[segment.to].push(segment);
        out_of[segment.from].push(segment);
    }
    let is_card = |item: usize| items[item].role == Role::Card;
    for column in columns {
        let mut free = 0;
        for (idx, &item) in column.iter().enumerate() {
            let bases = into[item].iter().filter(|segment| is_card(item) && is_card(segment.from));
            let wish = bases.map(|segment| tops[segment.from]).min().unwrap_or(0);
            tops[item] = if idx == 0 { wish } else { wish.max(free + items[item].margin()) };
            free = tops[item] + items[item].height + items[item].margin();
        }
    }
    for column in columns.iter().rev() {
        let mut free = i32::MAX;
        for &item in column.iter().rev() {
            let low = free.saturating_sub(items[item].margin() + items[item].height);
            let users = out_of[item].iter().filter(|segment| !is_card(item) || is_card(segment.to));
            if let Some(wish) = users.map(|segment| beside_right(segment, items, &tops)).min() {
                tops[item] = tops[item].max(wish.min(low));
            }
            free = tops[item] - items[item].margin();
        }
    }
    // Cards stand now. Lines are straightened in the room that is left.
    for round in 0..4 {
        for step in 0..columns.len() {
            let from_left = round % 2 == 0;
            let column = if from_left { step } else { columns.len() - 1 - step };
            straighten(&columns[column], items, &mut tops, |item, tops| {
                let left = into[item].iter().map(|segment| beside_left(segment, tops)).min();
                let right = out_of[item].iter().map(|segment| beside_right(segment, items, tops)).min();
                if from_left { left.or(right) } else { right.or(left) }
            });
        }
    }
    for column in columns {
        stand_close(column, items, &mut tops, |item, tops| {
            out_of[item].iter().map(|segment| beside_right(segment, items, tops)).min()
        });
    }
    tops
}

/// The top that the left end of a segment has beside its right end. Cards align with their tops, which no
/// instruction changes; everything else aligns with the heights of lines.
fn beside_right(segment: &Segment, items: &[Item], tops: &[i32]) -> i32 {
    if items[segment.from].role == Role::Card && items[segment.to].role == Role::Card {
        tops[segment.to]
    } else {
        tops[segment.to] + segment.to_port - segment.from_port
    }
}

/// The top at which the right end of a segment continues its left end.
fn beside_left(segment: &Segment, tops: &[i32]) -> i32 {
    tops[segment.from] + segment.from_port - segment.to_port
}

/// Moves everything but cards to where it wishes to be, between its neighbours.
fn straighten(
    column: &[usize],
    items: &[Item],
    tops: &mut [i32],
    wish: impl Fn(usize, &[i32]) -> Option<i32>,
) {
    for (idx, &item) in column.iter().enumerate() {
        if items[item].role == Role::Card {
            continue;
        }
        let Some(wish) = wish(item, tops) else { continue };
        let margin = items[item].margin();
        let high = match idx.checked_sub(1).map(|above| column[above]) {
            Some(above) => tops[above] + items[above].height + items[above].margin() + margin,
            None => 0,
        };
        let low = match column.get(idx + 1) {
            Some(&below) => tops[below] - items[below].margin() - margin - items[item].height,
            None => i32::MAX,
        };
        tops[item] = wish.min(low).max(high);
    }
}

/// Moves sources past other things, where that brings them much closer to their only user: a line that crosses
/// another one is easier to follow than one from the far end of the picture.
fn stand_close(
    column: &[usize],
    items: &[Item],
    tops: &mut [i32],
    wish: impl Fn(usize, &[i32]) -> Option<i32>,
) {
    const MUCH: i32 = 60;
    let mut order = column.to_vec();
    for &item in column.iter().filter(|&&item| items[item].role == Role::OwnSource) {
        let Some(wish) = wish(item, tops) else { continue };
        order.retain(|&other| other != item);
        let margin = items[item].margin();
        let mut free = 0;
        let mut best = (tops[item], (tops[item] - wish).abs() - MUCH);
        let mut slot = order.partition_point(|&other| tops[other] < tops[item]);
        for idx in 0..=order.len() {
            let other = order.get(idx).map(|&other| (tops[other], items[other]));
            let low =
                other.map_or(i32::MAX, |(top, other)| top - other.margin() - margin - items[item].height);
            let top = wish.min(low).max(free);
            if top <= low && (top - wish).abs() < best.1 {
                best = (top, (top - wish).abs());
                slot = idx;
            }
            if let Some((top, other)) = other {
                free = top + other.height + other.margin() + margin;
            }
        }
        tops[item] = best.0;
        order.insert(slot, item);
    }
}
