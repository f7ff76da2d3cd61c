//! Heights of the boxes in a column: as close to where their edges pull them as the order allows.

/// Something to place: how high it is, where it would like to have its top, and how strongly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    pub(crate) height: i32,
    pub(crate) top: f64,
    pub(crate) weight: f64,
}

/// Tops that keep the order and at least `gap` between items, with the least weighted squared distance from
/// the wishes (isotonic regression by pooling neighbours that would overlap).
pub(crate) fn place(wishes: &[Wish], gap: i32) -> Vec<f64> {
    struct Pool {
        n_items: usize,
        weight: f64,
        /// Weighted sum of the wished tops, each less the space that the items above it take.
        sum: f64,
    }
    let mut pools: Vec<Pool> = Vec::new();
    let mut offset = 0.0;
    let mut offsets = Vec::with_capacity(wishes.len());
    for wish in wishes {
        offsets.push(offset);
        let mut pool = Pool { n_items: 1, weight: wish.weight, sum: wish.weight * (wish.top - offset) };
        while let Some(above) = pools.last() {
            if above.sum / above.weight <= pool.sum / pool.weight {
                break;
            }
            pool = Pool {
                n_items: above.n_items + pool.n_items,
                weight: above.weight + pool.weight,
                sum: above.sum + pool.sum,
            };
            pools.pop();
        }
        pools.push(pool);
        offset += f64::from(wish.height + gap);
    }
    let starts = pools.iter().flat_map(|pool| std::iter::repeat_n(pool.sum / pool.weight, pool.n_items));
    starts.zip(offsets).map(|(start, offset)| start + offset).collect()
}
