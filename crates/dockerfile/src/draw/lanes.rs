//! Lines in the gap between two columns.
//!
//! All lines that leave one thing run together: level out of it, along a *lane* of their own, and level into the
//! rows that they go to. Lanes are ordered so that few lines cross, and share a place where they do not meet.

/// The lines of one thing through a gap.
#[derive(Clone, Debug)]
pub(crate) struct Net {
    /// Height at which it comes from the left.
    pub(crate) start: i32,
    /// Heights at which it goes on to the right.
    pub(crate) ends: Vec<i32>,
}

/// Above this many nets in a gap, their order follows from their heights, and lanes may share a place: nothing
/// would be told apart anyway.
const MAX_NETS: usize = 200;
/// Lines closer than this look like one.
const CLOSE: i32 = 6;

impl Net {
    fn top(&self) -> i32 {
        self.ends.iter().copied().fold(self.start, i32::min)
    }

    fn bottom(&self) -> i32 {
        self.ends.iter().copied().fold(self.start, i32::max)
    }

    fn is_level(&self) -> bool {
        self.top() == self.bottom()
    }
}

/// The lane of each net, from the left, and how many there are.
pub(crate) fn lanes(nets: &[Net]) -> (Vec<usize>, usize) {
    let spans: Vec<(i32, i32)> = nets.iter().map(|net| (net.top(), net.bottom())).collect();
    // A level line needs no lane.
    let mut order: Vec<usize> = (0..nets.len()).filter(|&net| !nets[net].is_level()).collect();
    // Lines that go up turn the earlier the higher they start, so that they do not meet; those that go down the
    // other way round.
    let key = |net: usize| {
        let net = &nets[net];
        let mean = net.ends.iter().map(|&end| i64::from(end)).sum::<i64>() / net.ends.len().max(1) as i64;
        if mean < i64::from(net.start) { (0, net.start) } else { (1, -net.start) }
    };
    order.sort_by_key(|&net| (key(net), net));
    if order.len() <= MAX_NETS {
        let cost: Vec<Vec<i32>> = order
            .iter()
            .map(|&left| {
                order
                    .iter()
                    .map(|&right| cost(&nets[left], &nets[right], spans[left], spans[right]))
                    .collect()
            })
            .collect();
        let sorted = insert_each(&cost);
        order = sorted.into_iter().map(|idx| order[idx]).collect();
    }
    let mut lanes = vec![0; nets.len()];
    let mut n_lanes = 0;
    for idx in 0..order.len() {
        let net = order[idx];
        let (top, bottom) = spans[net];
        let meets = |&&other: &&usize| spans[other].0 <= bottom + CLOSE && top <= spans[other].1 + CLOSE;
        let before = &order[idx.saturating_sub(MAX_NETS)..idx];
        lanes[net] = before.iter().filter(meets).map(|&other| lanes[other] + 1).max().unwrap_or(0);
        n_lanes = n_lanes.max(lanes[net] + 1);
    }
    (lanes, n_lanes)
}

/// Crossings of two nets if one has its lane left of the other's.
fn cost(left: &Net, right: &Net, left_span: (i32, i32), right_span: (i32, i32)) -> i32 {
    let is_in = |height: i32, span: (i32, i32)| span.0 < height && height < span.1;
    let n_ends = left.ends.iter().filter(|&&end| is_in(end, right_span)).count() as i32;
    // Lines on top of each other are worse than lines that cross.
    let hides = left.ends.iter().any(|&end| (end - right.start).abs() < CLOSE);
    2 * (n_ends + i32::from(is_in(right.start, left_span))) + 5 * i32::from(hides)
}

/// An order with a small sum of `cost[left][right]`: each is put where it costs least among those before it,
/// and twice more among all.
fn insert_each(cost: &[Vec<i32>]) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::with_capacity(cost.len());
    for round in 0..3 {
        for (net, costs) in cost.iter().enumerate() {
            if round > 0 {
                order.retain(|&other| other != net);
            }
            // What it costs right of everything; then going left past one after the other.
            let mut here: i32 = order.iter().map(|&other| cost[other][net]).sum();
            let mut best = (here, order.len());
            for (slot, &other) in order.iter().enumerate().rev() {
                here += costs[other] - cost[other][net];
                if here < best.0 {
                    best = (here, slot);
                }
            }
            order.insert(best.1, net);
        }
    }
    order
}
