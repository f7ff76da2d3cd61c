//! One build, from the request to its end, as all who watch it share it.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use engine::Stop;
use protocol::build::{Event, FileList, Outcome, Record, Request, Step, StepState, VERSION, What};

use crate::ids;
use crate::log::Log;

/// A build.
#[derive(Debug)]
pub struct Run {
    /// Its id.
    pub id: String,
    /// When it was asked for, in seconds since 1970.
    pub created: u64,
    /// What was asked for.
    pub request: Request,
    /// When it was asked for.
    pub begun: Instant,
    /// What happened so far.
    pub log: Log,
    /// Ends it early.
    pub stop: Stop,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    last: u64,
    at: u64,
    status: Status,
    position: Option<usize>,
    outcome: Option<Outcome>,
    finished: Option<Instant>,
    /// Steps that run.
    running: BTreeMap<u32, Step>,
    /// Hashes of the tokens of those who want it.
    holders: HashSet<Vec<u8>>,
    /// What its stages hold, as far as somebody has asked.
    files: BTreeMap<usize, Arc<FileList>>,
}

/// How far a build is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// It waits.
    #[default]
    Queued,
    /// It runs.
    Running,
    /// It is over.
    Finished,
}

impl Status {
    /// As in `protocol::build::Record`.
    pub fn name(self) -> &'static str {
        match self {
            Status::Queued => "queued",
            Status::Running => "running",
            Status::Finished => "finished",
        }
    }
}

impl Run {
    /// One that begins to wait now.
    pub fn new(id: String, created: u64, request: Request) -> Run {
        Run {
            id,
            created,
            request,
            begun: Instant::now(),
            log: Log::default(),
            stop: Stop::new(),
            state: Mutex::default(),
        }
    }

    /// One that is over, as it is kept.
    pub fn kept(record: Record, lines: &str) -> Run {
        let log = Log::of_lines(lines);
        let state = State {
            last: log.length().last,
            status: Status::Finished,
            outcome: record.outcome,
            finished: Some(Instant::now()),
            ..State::default()
        };
        let Record { id, created, request, .. } = record;
        Run { id, created, request, begun: Instant::now(), log, stop: Stop::new(), state: Mutex::new(state) }
    }

    /// Milliseconds since the request.
    pub fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Adds what happens now.
    pub fn tell(&self, what: What) {
        self.tell_at(self.now(), what);
    }

    /// The same, of another time. Time does not go back, and nothing follows the end.
    pub fn tell_at(&self, at: u64, what: What) {
        let mut state = self.state();
        if state.outcome.is_some() {
            return;
        }
        state.last += 1;
        state.at = state.at.max(at);
        match &what {
            What::Step(step) if step.state == StepState::Running => {
                state.running.insert(step.id, step.clone());
            }
            What::Step(step) => {
                state.running.remove(&step.id);
            }
            What::Finished(outcome) => {
                state.outcome = Some(outcome.clone());
                state.status = Status::Finished;
                state.finished = Some(Instant::now());
            }
            What::Queued { position } => state.position = Some(*position),
            What::Started { .. }
            | What::Progress { .. }
            | What::Log { .. }
            | What::Clipped { .. }
            | What::Warning { .. }
            | What::Size(_) => {}
        }
        let event = Event { seq: state.last, at: state.at, what };
        // Within the lock, so that the numbers are in order.
        self.log.append(&event);
    }

    /// Tells how many are in front of it, if that is news.
    pub fn wait_behind(&self, position: usize) {
        if self.state().position != Some(position) {
            self.tell(What::Queued { position });
        }
    }

    /// It does not wait any more.
    pub fn begin(&self) {
        self.state().status = Status::Running;
    }

    /// Tells the end. Steps that still run are cancelled first.
    pub fn finish(&self, outcome: Outcome) {
        let running = std::mem::take(&mut self.state().running);
        let now = self.now();
        for step in running.into_values() {
            self.tell(What::Step(Step { state: StepState::Cancelled, ended: Some(now), ..step }));
        }
        self.tell(What::Finished(outcome));
        self.log.close();
    }

    /// How far it is.
    pub fn status(&self) -> Status {
        self.state().status
    }

    /// What came of it.
    pub fn outcome(&self) -> Option<Outcome> {
        self.state().outcome.clone()
    }

    /// When it was over.
    pub fn finished(&self) -> Option<Instant> {
        self.state().finished
    }

    /// The build as others see it.
    pub fn record(&self) -> Record {
        let state = self.state();
        Record {
            version: VERSION,
            id: self.id.clone(),
            created: self.created,
            request: self.request.clone(),
            status: state.status.name().to_owned(),
            outcome: state.outcome.clone(),
            last: state.last,
        }
    }

    /// One more wants it.
    pub fn hold(&self, token: &str) {
        self.state().holders.insert(ids::hash(token));
    }

    /// One wants it no more: how many are left; `None` if the token is of nobody.
    pub fn let_go(&self, token: &str) -> Option<usize> {
        let mut state = self.state();
        state.holders.remove(&ids::hash(token)).then_some(state.holders.len())
    }

    /// The files of a stage, if somebody has asked for them.
    pub fn files(&self, stage: usize) -> Option<Arc<FileList>> {
        self.state().files.get(&stage).cloned()
    }

    /// Keeps the files of a stage.
    pub fn keep_files(&self, list: FileList) -> Arc<FileList> {
        let list = Arc::new(list);
        self.state().files.insert(list.stage, Arc::clone(&list));
        list
    }

    // Nothing that panics is done while it is held.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is to be added to the events of a build that ended without saying so, in front of its end.
pub fn left_running(events: &[Event]) -> Vec<Step> {
    let mut running = BTreeMap::new();
    for event in events {
        if let What::Step(step) = &event.what {
            match step.state {
                StepState::Running => running.insert(step.id, step.clone()),
                StepState::Waiting
                | StepState::Cached
                | StepState::Done
                | StepState::Failed
                | StepState::Cancelled => running.remove(&step.id),
            };
        }
    }
    let at = events.last().map(|event| event.at);
    running.into_values().map(|step| Step { state: StepState::Cancelled, ended: at, ..step }).collect()
}
