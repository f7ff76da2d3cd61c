//! An engine that builds nothing: it plays what was recorded.
//!
//! A recording is the list of a build's events, one JSON object on each line, as servers keep and hand them out; the
//! request may stand in front, as in what the page saves. It is
//! told with its own times, or all at once. It serves the tests of whatever is built upon engines, and demonstrations.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use async_trait::async_trait;
use protocol::build::{
    Abilities, End, EngineName, Event, Failure, FileList, Outcome, Recording, StageSize, Step, StepState,
    What,
};
use tokio::sync::mpsc;

use crate::{Engine, Info, Order, Sink, Stop, failure};

/// How fast a recording is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// As it was.
    Recorded,
    /// As fast as somebody listens.
    AtOnce,
}

/// Plays recordings.
#[derive(Clone, Debug)]
pub struct Replay {
    pace: Pace,
    /// What is played for a Dockerfile, by its text.
    own: HashMap<String, Vec<Event>>,
    /// What is played for any other.
    any: Vec<Event>,
}

/// Reads a recording.
pub fn read(text: &str) -> Result<Vec<Event>, String> {
    if let Ok(recording) = Recording::from_text(text) {
        return Ok(recording.events);
    }
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let events = lines.map(|(at, line)| {
        serde_json::from_str(line).map_err(|why| format!("Line {} is no event of a build: {why}", at + 1))
    });
    events.collect()
}

impl Replay {
    /// Plays a recording whatever is asked for.
    pub fn new(pace: Pace, events: Vec<Event>) -> Replay {
        Replay { pace, own: HashMap::new(), any: events }
    }

    /// Plays another one for a Dockerfile.
    #[must_use]
    pub fn with(mut self, dockerfile: impl Into<String>, events: Vec<Event>) -> Replay {
        self.own.insert(dockerfile.into(), events);
        self
    }

    fn recording(&self, order: &Order) -> &[Event] {
        self.own.get(&order.request.dockerfile).unwrap_or(&self.any)
    }

    async fn play(&self, order: &Order, sink: &mut Sink, running: &mut BTreeMap<u32, Step>) -> Outcome {
        let events = self.recording(order);
        // The recording may have waited for its turn for another time.
        let begins = |event: &&Event| !matches!(event.what, What::Queued { .. });
        let start = events.iter().find(begins).map_or(0, |event| event.at);
        let now = sink.now();
        let shift = |at: u64| at.saturating_sub(start) + now;
        for event in events.iter().filter(begins) {
            if self.pace == Pace::Recorded {
                let wait = shift(event.at).saturating_sub(sink.now());
                tokio::time::sleep(Duration::from_millis(wait)).await;
            }
            let what = match event.what.clone() {
                What::Finished(outcome) => return outcome,
                What::Started { engine } => {
                    What::Started { engine: EngineName { kind: KIND.to_owned(), ..engine } }
                }
                What::Step(mut step) => {
                    step.started = step.started.map(shift);
                    step.ended = step.ended.map(shift);
                    match step.state {
                        StepState::Running => running.insert(step.id, step.clone()),
                        _ => running.remove(&step.id),
                    };
                    What::Step(step)
                }
                what => what,
            };
            sink.send_at(shift(event.at), what).await;
        }
        let failure = failure("recording", "The recording ends before the build does");
        Outcome { end: End::Interrupted, failure: Some(failure), image: None }
    }
}

const KIND: &str = "replay";

#[async_trait]
impl Engine for Replay {
    async fn probe(&self) -> Result<Info, Failure> {
        let recorded = self.any.iter().find_map(|event| match &event.what {
            What::Started { engine } => Some(engine.clone()),
            _ => None,
        });
        Ok(Info {
            name: EngineName { kind: KIND.to_owned(), ..recorded.unwrap_or_default() },
            abilities: Abilities { error_details: true, sizes: true, ..Abilities::default() },
            platform: "linux/amd64".to_owned(),
            ..Info::default()
        })
    }

    async fn build(&self, order: &Order, mut sink: Sink, stop: &Stop) -> Outcome {
        let mut running = BTreeMap::new();
        let outcome = tokio::select! {
            biased;
            outcome = stop.used() => outcome,
            outcome = self.play(order, &mut sink, &mut running) => outcome,
        };
        let now = sink.now();
        for step in running.into_values() {
            let step = Step { state: StepState::Cancelled, ended: Some(now), ..step };
            sink.send(What::Step(step)).await;
        }
        sink.send(What::Finished(outcome.clone())).await;
        outcome
    }

    async fn sizes(&self, order: &Order, stages: &[usize]) -> Result<Vec<StageSize>, Failure> {
        let sizes = self.recording(order).iter().filter_map(|event| match &event.what {
            What::Size(size) if stages.contains(&size.stage) => Some(size.clone()),
            _ => None,
        });
        Ok(sizes.collect())
    }

    async fn files(&self, _: &Order, _: usize, _: usize) -> Result<FileList, Failure> {
        Err(failure("unable", "A recording has no files"))
    }

    async fn archive(
        &self,
        _: &Order,
        _: usize,
        _: &str,
        _: u64,
        _: mpsc::Sender<Vec<u8>>,
    ) -> Result<(), Failure> {
        Err(failure("unable", "A recording has no files"))
    }
}
