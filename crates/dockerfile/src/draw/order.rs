//! The order of the boxes in each column: file order, changed only where that takes crossings away.
//!
//! Typing must not make the picture jump, so a new order has to earn its place: it is taken when it has fewer
//! crossings than the order of the file.

/// A piece of an edge between two neighbouring columns: from an item at a height to an item at a height.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    /// Column of the left end; the right end is in the next one.
    pub(crate) column: usize,
    /// Item in the left column.
    pub(crate) from: usize,
    /// Height of the left end in its item.
    pub(crate) from_port: i32,
    /// Item in the right column.
    pub(crate) to: usize,
    /// Height of the right end in its item.
    pub(crate) to_port: i32,
    /// How many lines end above it in that item. Orders look at this, not at heights, so that rows without
    /// lines change nothing.
    pub(crate) to_rank: usize,
}

/// Sweeps over the columns, at most; and those without gain, after which there will be none.
const MAX_SWEEPS: usize = 24;
const MAX_IDLE_SWEEPS: usize = 4;
/// Above this many segments, fewer sweeps have to do.
const MANY_SEGMENTS: usize = 4_000;
const MAX_EXCHANGES: usize = 8;

/// Lines on one side of each item: the item at the other end, and the rank there.
type Ends = Vec<Vec<(usize, usize)>>;

/// Sweeps over the columns until nothing gets better. `columns[c]` lists items from top to bottom.
pub(crate) fn reduce_crossings(columns: &mut Vec<Vec<usize>>, n_items: usize, segments: &[Segment]) {
    let mut least = crossings(columns, n_items, segments);
    if least == 0 {
        return;
    }
    let mut into: Ends = vec![Vec::new(); n_items];
    let mut out_of: Ends = vec![Vec::new(); n_items];
    for segment in segments {
        into[segment.to].push((segment.from, 0));
        out_of[segment.from].push((segment.to, segment.to_rank));
    }
    let mut best = columns.clone();
    let mut n_idle = 0;
    for sweep in 0..if segments.len() > MANY_SEGMENTS { 2 } else { MAX_SWEEPS } {
        let n_columns = columns.len();
        let mut place = places(columns, n_items);
        for step in 1..n_columns {
            let (column, neighbours) =
                if sweep % 2 == 0 { (step, &into) } else { (n_columns - 1 - step, &out_of) };
            sort_by_neighbours(&mut columns[column], &place, neighbours);
            for (idx, &item) in columns[column].iter().enumerate() {
                place[item] = idx;
            }
        }
        exchange(columns, &mut place, &into, &out_of);
        let now = crossings(columns, n_items, segments);
        n_idle += 1;
        if now < least {
            least = now;
            best.clone_from(columns);
            n_idle = 0;
        }
        if least == 0 || n_idle == MAX_IDLE_SWEEPS {
            break;
        }
    }
    *columns = best;
    let mut place = places(columns, n_items);
    for _ in 0..MAX_EXCHANGES {
        if !exchange(columns, &mut place, &into, &out_of) {
            break;
        }
    }
}

/// Exchanges neighbours in a column where that takes crossings away; says whether it did.
fn exchange(columns: &mut [Vec<usize>], place: &mut [usize], into: &Ends, out_of: &Ends) -> bool {
    let mut any = false;
    for column in columns.iter_mut() {
        // The ends of each item's lines on either side; they stay while this column changes.
        let mut ends: Vec<[Vec<i64>; 2]> = column
            .iter()
            .map(|&item| {
                [into, out_of].map(|side| {
                    let mut heights: Vec<i64> =
                        side[item].iter().map(|&(other, rank)| height(place[other], rank)).collect();
                    heights.sort_unstable();
                    heights
                })
            })
            .collect();
        for idx in 1..column.len() {
            let gain = |side: usize| gain(&ends[idx - 1][side], &ends[idx][side]);
            if gain(0) + gain(1) > 0 {
                column.swap(idx - 1, idx);
                ends.swap(idx - 1, idx);
                place[column[idx - 1]] = idx - 1;
                place[column[idx]] = idx;
                any = true;
            }
        }
    }
    any
}

/// How many crossings less there are if the item with the ends `lower` stands above the one with `upper`.
fn gain(upper: &[i64], lower: &[i64]) -> i64 {
    let (mut now, mut then) = (0, 0);
    let (mut below, mut equal) = (0, 0);
    for &end in upper {
        while lower.get(below).is_some_and(|&other| other < end) {
            below += 1;
        }
        equal = equal.max(below);
        while lower.get(equal).is_some_and(|&other| other == end) {
            equal += 1;
        }
        now += below;
        then += lower.len() - equal;
    }
    now as i64 - then as i64
}

/// Position of each item in its column.
fn places(columns: &[Vec<usize>], n_items: usize) -> Vec<usize> {
    let mut place = vec![0; n_items];
    for column in columns {
        for (idx, &item) in column.iter().enumerate() {
            place[item] = idx;
        }
    }
    place
}

/// A height that compares across items: whole items apart first, then the lines of one.
fn height(place: usize, rank: usize) -> i64 {
    ((place as i64) << 20) + rank as i64
}

fn sort_by_neighbours(column: &mut [usize], place: &[usize], neighbours: &[Vec<(usize, usize)>]) {
    // Items without neighbours keep their slot; the others are sorted into the remaining slots.
    let slots: Vec<usize> = (0..column.len()).filter(|&idx| !neighbours[column[idx]].is_empty()).collect();
    let mut movable: Vec<(i64, usize, usize)> = slots
        .iter()
        .map(|&idx| {
            let item = column[idx];
            let ends = &neighbours[item];
            let sum: i64 = ends.iter().map(|&(other, rank)| height(place[other], rank)).sum();
            (sum / ends.len() as i64, idx, item)
        })
        .collect();
    movable.sort_unstable();
    for (&slot, (_, _, item)) in slots.iter().zip(movable) {
        column[slot] = item;
    }
}

/// How many pairs of segments cross.
pub(crate) fn crossings(columns: &[Vec<usize>], n_items: usize, segments: &[Segment]) -> usize {
    let place = places(columns, n_items);
    let mut by_column: Vec<Vec<(i64, i64)>> = vec![Vec::new(); columns.len()];
    for segment in segments {
        by_column[segment.column]
            .push((height(place[segment.from], 0), height(place[segment.to], segment.to_rank)));
    }
    by_column.iter_mut().map(|ends| inversions(ends)).sum()
}

/// Pairs that are ordered one way on the left and the other way on the right, in n log n.
fn inversions(ends: &mut [(i64, i64)]) -> usize {
    ends.sort_unstable();
    let mut right: Vec<i64> = ends.iter().map(|&(_, right)| right).collect();
    let mut scratch = right.clone();
    merge_count(&mut right, &mut scratch)
}

fn merge_count(values: &mut [i64], scratch: &mut [i64]) -> usize {
    let middle = values.len() / 2;
    if middle == 0 {
        return 0;
    }
    let (left_scratch, right_scratch) = scratch.split_at_mut(middle);
    let mut count = {
        let (left, right) = values.split_at_mut(middle);
        merge_count(left, left_scratch) + merge_count(right, right_scratch)
    };
    scratch.copy_from_slice(values);
    let (mut left, mut right) = (0, middle);
    for value in values.iter_mut() {
        let take_left = right == scratch.len() || (left < middle && scratch[left] <= scratch[right]);
        if take_left {
            *value = scratch[left];
            left += 1;
        } else {
            *value = scratch[right];
            right += 1;
            count += middle - left;
        }
    }
    count
}
