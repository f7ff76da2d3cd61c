//! A size that is known only roughly, and how it is told: never as if somebody had measured it.

use std::fmt;

/// A size in bytes, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SizeRange {
    /// It is at least this.
    pub low: u64,
    /// It is at most this; `None` if nobody can say.
    pub high: Option<u64>,
}

impl SizeRange {
    /// A size of which nothing is known.
    pub const UNKNOWN: SizeRange = SizeRange { low: 0, high: None };

    /// A size that is known to the byte.
    pub fn exactly(bytes: u64) -> SizeRange {
        SizeRange::between(bytes, bytes)
    }

    /// A size between two others.
    pub fn between(low: u64, high: u64) -> SizeRange {
        SizeRange { low, high: Some(high) }
    }

    /// One of two sizes.
    #[must_use]
    pub fn or(self, other: SizeRange) -> SizeRange {
        let high = self.high.zip(other.high).map(|(one, two)| one.max(two));
        SizeRange { low: self.low.min(other.low), high }
    }

    /// Two sizes together.
    #[must_use]
    pub fn and(self, other: SizeRange) -> SizeRange {
        let high = self.high.zip(other.high).map(|(one, two)| one.saturating_add(two));
        SizeRange { low: self.low.saturating_add(other.low), high }
    }
}

/// The range in words, so coarse that nobody takes it for measured: `750 to 950 MB`, `at least 7 MB`, `unknown`. Bounds are
/// rounded outwards; only a few bytes that are known exactly are told exactly.
impl fmt::Display for SizeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.high {
            None if self.low == 0 => f.write_str("unknown"),
            None => write!(f, "at least {}", Amount::alone(self.low)),
            Some(high) if high == self.low && high < 1000 => write!(f, "{high} bytes"),
            Some(high) if high == self.low => write!(f, "about {}", Amount::alone(high)),
            Some(high) => {
                let step = round_step((high.saturating_sub(self.low) / 3).max(1));
                let high = high.div_ceil(step).saturating_mul(step);
                // Wide ranges keep one digit of their lower bound.
                let low_step = step.min(10_u64.pow(self.low.checked_ilog10().unwrap_or(0)));
                match self.low / low_step * low_step {
                    0 => write!(f, "at most {}", Amount::new(high)),
                    low => {
                        let high = Amount::new(high);
                        write!(f, "{} to {high}", Number(Amount { bytes: low, ..high }))
                    }
                }
            }
        }
    }
}

/// The largest of 1, 2, 5, 10, 20, … that is not larger.
fn round_step(bytes: u64) -> u64 {
    let mut step = 1;
    while bytes / step >= 10 {
        step *= 10;
    }
    match bytes / step {
        5.. => step * 5,
        2.. => step * 2,
        _ => step,
    }
}

/// A number of bytes in a unit, with two digits behind the point at most.
#[derive(Clone, Copy)]
struct Amount {
    bytes: u64,
    unit: (&'static str, u64),
}

const UNITS: [(&str, u64); 4] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000), ("bytes", 1)];

impl Amount {
    fn new(bytes: u64) -> Amount {
        let unit = UNITS.into_iter().find(|(_, size)| bytes >= *size).unwrap_or(("bytes", 1));
        Amount { bytes, unit }
    }

    /// A number by itself, rounded down to about a tenth of it.
    fn alone(bytes: u64) -> Amount {
        let step = round_step((bytes / 10).max(1));
        Amount::new(bytes / step * step)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", Number(*self), self.unit.0)
    }
}

/// An amount without its unit.
struct Number(Amount);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Amount { bytes, unit: (_, size) } = self.0;
        let (whole, hundredths) = (bytes / size, bytes % size * 100 / size);
        match (hundredths / 10, hundredths % 10) {
            (0, 0) => write!(f, "{whole}"),
            (tenths, 0) => write!(f, "{whole}.{tenths}"),
            _ => write!(f, "{whole}.{hundredths:02}"),
        }
    }
}
