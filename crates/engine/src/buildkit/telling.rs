//! From what BuildKit says of a build to the events of it.
//!
//! BuildKit's words come as they come, and nobody may wait for a slow listener: what cannot be told yet is put together.
//! What a step printed is told at most twenty times a second, how far something has come at most five times. Times are
//! those of the builder's clock, moved to the one of the request.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::Duration;

use bollard_buildkit_proto::google::protobuf::Timestamp;
use bollard_buildkit_proto::moby::buildkit::v1::{StatusResponse, VertexLog, VertexStatus, VertexWarning};
use progress::vertices::{Vertex, Vertices};
use protocol::build::{Lines, Stream, What};
use tokio::time::Instant;

use super::failing::scrubbed;
use crate::Sink;

/// How long output is put together.
const PRINTED: Duration = Duration::from_millis(50);
/// How long it is put together what comes of a thing on its way.
const WAY: Duration = Duration::from_millis(200);
/// How much of one step's output may wait for a slow listener.
const MOST_WAITING: usize = 1 << 20;

/// Tells a build.
pub(super) struct Telling {
    pub(super) vertices: Vertices,
    sink: Sink,
    dockerfile: String,
    /// What can be told at once.
    ready: VecDeque<What>,
    printed: BTreeMap<(u32, bool), Printed>,
    ways: BTreeMap<(u32, String), Way>,
    warned: HashSet<(String, Option<u32>)>,
    /// How much of each step's output has been taken, and left out.
    amounts: HashMap<u32, Amount>,
    log_bytes: u64,
    /// From the builder's clock to that of the request, in milliseconds.
    skew: Option<i64>,
}

struct Printed {
    bytes: Vec<u8>,
    due: Instant,
}

struct Way {
    current: u64,
    total: Option<u64>,
    /// When it may be told again; `None` if there is nothing new.
    due: Option<Instant>,
    told: Option<Instant>,
}

#[derive(Default)]
struct Amount {
    taken: u64,
    left_out: u64,
    is_told: bool,
}

impl Telling {
    pub(super) fn new(vertices: Vertices, sink: Sink, dockerfile: &str, log_bytes: u64) -> Telling {
        Telling {
            vertices,
            sink,
            dockerfile: dockerfile.to_owned(),
            ready: VecDeque::new(),
            printed: BTreeMap::new(),
            ways: BTreeMap::new(),
            warned: HashSet::new(),
            amounts: HashMap::new(),
            log_bytes,
            skew: None,
        }
    }

    /// Says something that is not BuildKit's.
    pub(super) fn say(&mut self, what: What) {
        self.ready.push_back(what);
    }

    /// Takes in what BuildKit says.
    pub(super) fn take(&mut self, status: StatusResponse) {
        self.set_skew(&status);
        let vertices: Vec<Vertex> = status
            .vertexes
            .into_iter()
            .map(|vertex| Vertex {
                started: vertex.started.as_ref().map(|it| self.time(it)),
                ended: vertex.completed.as_ref().map(|it| self.time(it)),
                cached: vertex.cached,
                error: Some(scrubbed(&vertex.error, &self.dockerfile)).filter(|error| !error.is_empty()),
                digest: vertex.digest,
                name: vertex.name,
                inputs: vertex.inputs,
            })
            .collect();
        let changed = self.vertices.take(&vertices);
        status.logs.into_iter().for_each(|log| self.print(log));
        status.statuses.into_iter().for_each(|way| self.on_the_way(way));
        for step in changed {
            if step.ended.is_some() {
                // What it printed comes before its end.
                self.flush_printed(|id| id == step.id);
                self.flush_clipped(step.id);
            }
            self.ready.push_back(What::Step(step));
        }
        status.warnings.into_iter().for_each(|warning| self.warn(warning));
    }

    /// Takes the engine's word for the lines of its steps.
    pub(super) fn set_lines(&mut self, lines: HashMap<String, Vec<Lines>>) {
        let changed = self.vertices.set_lines(lines);
        self.ready.extend(changed.into_iter().map(What::Step));
    }

    /// Tells what there is room for.
    pub(super) fn pump(&mut self) {
        while let Some(what) = self.ready.pop_front() {
            if let Some(what) = self.sink.offer(what) {
                self.ready.push_front(what);
                return;
            }
        }
    }

    /// Whether something waits for room.
    pub(super) fn is_waiting(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Waits for room.
    pub(super) async fn room(&self) {
        self.sink.room().await;
    }

    /// When something has been put together for long enough.
    pub(super) fn due(&self) -> Option<Instant> {
        let printed = self.printed.values().map(|it| it.due);
        printed.chain(self.ways.values().filter_map(|it| it.due)).min()
    }

    /// Makes ready what has been put together for long enough. As long as something waits, it is put together on.
    pub(super) fn flush(&mut self) {
        let now = Instant::now();
        if self.is_waiting() {
            // Rather late than in pieces: a listener that is behind gets more at once.
            self.printed.values_mut().filter(|it| it.due <= now).for_each(|it| it.due = now + PRINTED);
            self.ways
                .values_mut()
                .filter(|it| it.due.is_some_and(|it| it <= now))
                .for_each(|it| it.due = Some(now + WAY));
            return;
        }
        let due: HashSet<u32> =
            self.printed.iter().filter(|(_, it)| it.due <= now).map(|((step, _), _)| *step).collect();
        self.flush_printed(|step| due.contains(&step));
        self.flush_ways(now);
    }

    /// Tells all that is left, and the end.
    pub(super) async fn end(mut self, outcome: protocol::build::Outcome) {
        self.flush_printed(|_| true);
        let ids: Vec<u32> = self.amounts.keys().copied().collect();
        ids.into_iter().for_each(|id| self.flush_clipped(id));
        self.ways.values_mut().for_each(|way| way.due = way.due.map(|_| Instant::now()));
        self.flush_ways(Instant::now());
        let steps = self.vertices.end(self.sink.now());
        self.ready.extend(steps.into_iter().map(What::Step));
        self.ready.push_back(What::Finished(outcome));
        for what in self.ready {
            self.sink.send(what).await;
        }
    }

    fn set_skew(&mut self, status: &StatusResponse) {
        let vertices = status.vertexes.iter().flat_map(|it| it.completed.iter().chain(&it.started));
        let logs = status.logs.iter().filter_map(|it| it.timestamp.as_ref());
        if let Some(latest) = vertices.chain(logs).map(milliseconds).max() {
            // It cannot have been said before it happened; the quickest word is the nearest to the truth.
            let skew = self.sink.now() as i64 - latest;
            self.skew = Some(self.skew.map_or(skew, |known| known.min(skew)));
        }
    }

    fn time(&self, time: &Timestamp) -> u64 {
        let time = milliseconds(time) + self.skew.unwrap_or_default();
        u64::try_from(time).unwrap_or_default().min(self.sink.now())
    }

    fn print(&mut self, log: VertexLog) {
        let Some(id) = self.vertices.id(&log.vertex) else { return };
        let amount = self.amounts.entry(id).or_default();
        let mut bytes = log.msg;
        if self.log_bytes > 0 {
            let room = self.log_bytes.saturating_sub(amount.taken) as usize;
            if bytes.len() > room {
                amount.left_out += (bytes.len() - room) as u64;
                amount.is_told = false;
                bytes.truncate(room);
            }
        }
        let printed = self
            .printed
            .entry((id, log.stream == 2))
            .or_insert_with(|| Printed { bytes: Vec::new(), due: Instant::now() + PRINTED });
        if printed.bytes.len() + bytes.len() > MOST_WAITING {
            amount.left_out += bytes.len() as u64;
            amount.is_told = false;
        } else {
            amount.taken += bytes.len() as u64;
            printed.bytes.extend_from_slice(&bytes);
        }
    }

    fn flush_printed(&mut self, which: impl Fn(u32) -> bool) {
        let keys: Vec<(u32, bool)> = self.printed.keys().copied().filter(|(step, _)| which(*step)).collect();
        for key in keys {
            let Some(printed) = self.printed.remove(&key) else { continue };
            let (step, is_err) = key;
            let is_over = self.vertices.steps().get(step as usize).is_none_or(|step| step.ended.is_some());
            let mut bytes = printed.bytes;
            // A character may come in two pieces.
            let rest = if is_over { Vec::new() } else { bytes.split_off(whole(&bytes)) };
            if !rest.is_empty() {
                self.printed.insert(key, Printed { bytes: rest, due: Instant::now() + PRINTED });
            }
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if !text.is_empty() {
                let stream = if is_err { Stream::Err } else { Stream::Out };
                self.ready.push_back(What::Log { step, stream, text });
            }
        }
    }

    fn flush_clipped(&mut self, id: u32) {
        if let Some(amount) = self.amounts.get_mut(&id).filter(|it| it.left_out > 0 && !it.is_told) {
            amount.is_told = true;
            self.ready.push_back(What::Clipped { step: Some(id), bytes: amount.left_out });
        }
    }

    fn on_the_way(&mut self, status: VertexStatus) {
        let Some(step) = self.vertices.id(&status.vertex) else { return };
        let label = match status.name.is_empty() {
            true => status.id,
            false => format!("{} {}", status.id, status.name),
        };
        let now = Instant::now();
        let label = scrubbed(&label, &self.dockerfile);
        let current = u64::try_from(status.current).unwrap_or_default();
        let total = u64::try_from(status.total).ok().filter(|total| *total > 0);
        if status.completed.is_some() {
            self.ways.remove(&(step, label.clone()));
            self.ready.push_back(What::Progress { step, label, current, total });
            return;
        }
        let way =
            self.ways.entry((step, label)).or_insert(Way { current: 0, total: None, due: None, told: None });
        (way.current, way.total) = (current, total);
        way.due = Some(way.told.map_or(now, |told| (told + WAY).max(now)));
        if !self.is_waiting() {
            self.flush_ways(now);
        }
    }

    fn flush_ways(&mut self, now: Instant) {
        for ((step, label), way) in &mut self.ways {
            if way.due.is_some_and(|due| due <= now) {
                way.due = None;
                way.told = Some(now);
                let (step, label) = (*step, label.clone());
                self.ready.push_back(What::Progress { step, label, current: way.current, total: way.total });
            }
        }
    }

    fn warn(&mut self, warning: VertexWarning) {
        let text = String::from_utf8_lossy(&warning.short);
        let line = |position: &Option<bollard_buildkit_proto::pb::Position>| {
            position.as_ref().and_then(|it| u32::try_from(it.line).ok()).filter(|line| *line > 0)
        };
        let lines = warning.ranges.first().and_then(|range| {
            let first = line(&range.start)?;
            Some(Lines { first, last: line(&range.end).unwrap_or(first).max(first) })
        });
        let text = text.rsplit_once(" (line ").map_or(text.as_ref(), |(text, _)| text);
        let is_rule = |name: &str| !name.is_empty() && name.bytes().all(|it| it.is_ascii_alphanumeric());
        let (rule, message) = match text.split_once(": ") {
            Some((rule, message)) if is_rule(rule) => (Some(rule.to_owned()), message),
            _ => (None, text),
        };
        // Engines say some of them twice.
        if self.warned.insert((text.to_owned(), lines.map(|lines| lines.first))) {
            let message = scrubbed(message, &self.dockerfile);
            self.ready.push_back(What::Warning { rule, message, lines });
        }
    }
}

/// How many bytes at the beginning end in no piece of a character.
fn whole(bytes: &[u8]) -> usize {
    let tail = bytes.len().saturating_sub(3);
    for at in (tail..bytes.len()).rev() {
        let length = match bytes[at] {
            0x80..=0xbf => continue,
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => return bytes.len(),
        };
        return if at + length > bytes.len() { at } else { bytes.len() };
    }
    bytes.len()
}

fn milliseconds(time: &Timestamp) -> i64 {
    time.seconds * 1000 + i64::from(time.nanos) / 1_000_000
}
