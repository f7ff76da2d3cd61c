//! What is counted, as Prometheus reads it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use protocol::build::End;

/// The bounds of the buckets, in seconds.
const BOUNDS: [f64; 12] = [0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 180.0, 600.0];

/// Everything that is counted.
#[derive(Debug, Default)]
pub struct Metrics {
    values: Mutex<Values>,
}

#[derive(Debug, Default)]
struct Values {
    counters: BTreeMap<(&'static str, String), u64>,
    histograms: BTreeMap<&'static str, Histogram>,
}

#[derive(Debug, Default)]
struct Histogram {
    buckets: [u64; BOUNDS.len()],
    sum: f64,
    n: u64,
}

/// What there is, with what it says.
const COUNTERS: &[(&str, &str, &str)] = &[
    ("stagelight_builds_total", "end", "Builds that are over, by how they ended"),
    ("stagelight_builds_shared_total", "", "Requests that watch a build of somebody else"),
    ("stagelight_refusals_total", "code", "What was refused before building, by its code"),
    (
        "stagelight_requests_refused_total",
        "code",
        "Requests that were not answered, by the code of the problem",
    ),
    ("stagelight_log_bytes_dropped_total", "", "Bytes of output that were left out"),
    ("stagelight_disk_short_total", "", "How often the engine's disk was nearly full"),
    ("stagelight_prunes_total", "", "How often the engine was asked to give up what it keeps"),
    ("stagelight_links_total", "", "Short links that were asked for"),
];
const HISTOGRAMS: &[(&str, &str)] = &[
    ("stagelight_queue_seconds", "How long builds waited"),
    ("stagelight_first_event_seconds", "From the request to the first word of the engine"),
    ("stagelight_build_seconds", "How long builds ran"),
    ("stagelight_cancel_seconds", "From asking for an end to the end"),
];

impl Metrics {
    /// Counts one, or more.
    pub fn count(&self, name: &'static str, label: &str, n: u64) {
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        *values.counters.entry((name, label.to_owned())).or_default() += n;
    }

    /// Counts a build that is over.
    pub fn ended(&self, end: End) {
        self.count("stagelight_builds_total", end_name(end), 1);
    }

    /// Notes how long something took.
    pub fn took(&self, name: &'static str, time: Duration) {
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        let histogram = values.histograms.entry(name).or_default();
        let seconds = time.as_secs_f64();
        histogram.n += 1;
        histogram.sum += seconds;
        for (bucket, bound) in histogram.buckets.iter_mut().zip(BOUNDS) {
            *bucket += u64::from(seconds <= bound);
        }
    }

    /// All of it as text, with what is so at the moment.
    pub fn text(&self, gauges: &[(&str, &str, f64)]) -> String {
        let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = String::new();
        // Writing to a String cannot fail.
        let mut line = |text: std::fmt::Arguments<'_>| {
            let _ = out.write_fmt(text);
            out.push('\n');
        };
        for (name, label, help) in COUNTERS {
            line(format_args!("# HELP {name} {help}\n# TYPE {name} counter"));
            if label.is_empty() {
                let n = values.counters.get(&(*name, String::new())).copied().unwrap_or(0);
                line(format_args!("{name} {n}"));
                continue;
            }
            for ((_, value), n) in values.counters.iter().filter(|((of, _), _)| of == name) {
                line(format_args!("{name}{{{label}=\"{value}\"}} {n}"));
            }
        }
        for (name, help) in HISTOGRAMS {
            line(format_args!("# HELP {name} {help}\n# TYPE {name} histogram"));
            let none = Histogram::default();
            let histogram = values.histograms.get(name).unwrap_or(&none);
            for (bound, n) in BOUNDS.iter().zip(histogram.buckets) {
                line(format_args!("{name}_bucket{{le=\"{bound}\"}} {n}"));
            }
            line(format_args!("{name}_bucket{{le=\"+Inf\"}} {}", histogram.n));
            line(format_args!("{name}_sum {}\n{name}_count {}", histogram.sum, histogram.n));
        }
        for (name, help, value) in gauges {
            line(format_args!("# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}"));
        }
        out
    }
}

/// As in the events.
fn end_name(end: End) -> &'static str {
    match end {
        End::Succeeded => "succeeded",
        End::Failed => "failed",
        End::Cancelled => "cancelled",
        End::TimedOut => "timed-out",
        End::Interrupted => "interrupted",
    }
}
