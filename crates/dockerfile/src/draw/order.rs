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
}

/// Sweeps over the columns until nothing gets better. `columns[c]` lists items from top to bottom.
pub(crate) fn reduce_crossings(columns: &mut Vec<Vec<usize>>, n_items: usize, segments: &[Segment]) {
    if columns.len() < 2 || segments.len() < 2 {
        return;
    }
    let mut into: Vec<Vec<(usize, i32)>> = vec![Vec::new(); n_items];
    let mut out_of: Vec<Vec<(usize, i32)>> = vec![Vec::new(); n_items];
    for segment in segments {
        into[segment.to].push((segment.from, segment.from_port));
        out_of[segment.from].push((segment.to, segment.to_port));
    }
    let mut best = columns.clone();
    let mut least = crossings(&best, n_items, segments);
    // A dozen sweeps reach the end on everything a person would write.
    for sweep in 0..12 {
        if least == 0 {
            break;
        }
        let n_columns = columns.len();
        for step in 1..n_columns {
            let (column, neighbours) =
                if sweep % 2 == 0 { (step, &into) } else { (n_columns - 1 - step, &out_of) };
            let place = places(columns, n_items);
            sort_by_neighbours(&mut columns[column], &place, neighbours);
        }
        let now = crossings(columns, n_items, segments);
        if now < least {
            least = now;
            best.clone_from(columns);
        }
    }
    *columns = best;
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

/// A height that compares across items: whole items apart first, then the port.
fn height(place: usize, port: i32) -> i64 {
    ((place as i64) << 20) + i64::from(port)
}

fn sort_by_neighbours(column: &mut [usize], place: &[usize], neighbours: &[Vec<(usize, i32)>]) {
    // Items without neighbours keep their slot; the others are sorted into the remaining slots.
    let slots: Vec<usize> = (0..column.len()).filter(|&idx| !neighbours[column[idx]].is_empty()).collect();
    let mut movable: Vec<(i64, usize, usize)> = slots
        .iter()
        .map(|&idx| {
            let item = column[idx];
            let ends = &neighbours[item];
            let sum: i64 = ends.iter().map(|&(other, port)| height(place[other], port)).sum();
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
        by_column[segment.column].push((
            height(place[segment.from], segment.from_port),
            height(place[segment.to], segment.to_port),
        ));
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
