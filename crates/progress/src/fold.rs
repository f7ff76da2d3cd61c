//! A build as it stands, from its events.
//!
//! Surprising: an instruction can be several steps (a heredoc is a document and a RUN), and one step several
//! instructions (equal ones are merged), so the state of a line is put together from its steps. Events that come twice
//! are taken once: after a lost connection a server may send some again.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use protocol::build::{EngineName, Event, Lines, Outcome, Place, StageSize, Step, StepState, Stream, What};

/// How far a build has come.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Phase {
    /// Nothing is known of it yet.
    #[default]
    Asked,
    /// So many builds are in front of it.
    Queued(usize),
    /// It runs.
    Running,
    /// It is over.
    Finished(Outcome),
}

/// A build after some of its events. A copy costs little, however much was printed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// The number of the last event; 0 before the first.
    pub last: u64,
    /// When that was, in milliseconds since the request.
    pub at: u64,
    /// How far it has come.
    pub phase: Phase,
    /// What builds it.
    pub engine: Option<EngineName>,
    /// Its steps: the one with number n is at place n.
    pub steps: Vec<Rc<Step>>,
    /// What goes on within steps: by step and label, how much of how much.
    pub parts: BTreeMap<(u32, Rc<str>), (u64, Option<u64>)>,
    /// What steps printed, by number.
    logs: BTreeMap<u32, Log>,
    /// How many bytes of output were left out, by step; `None` for the limit of the whole build.
    pub clipped: BTreeMap<Option<u32>, u64>,
    /// What the engine's checks say.
    pub warnings: Vec<Warning>,
    /// How large stages are, by their place in the file.
    pub sizes: BTreeMap<usize, StageSize>,
}

/// What one of the engine's build checks says.
#[derive(Clone, Debug, PartialEq)]
pub struct Warning {
    /// Its name.
    pub rule: Option<String>,
    /// What it says.
    pub message: String,
    /// Where.
    pub lines: Option<Lines>,
}

/// Where something was printed, and what.
pub type Piece = (Stream, Rc<str>);

/// What a step printed. Copies share what is in it, and each knows how much of it is its own.
#[derive(Clone, Default)]
pub struct Log {
    pieces: Rc<RefCell<Vec<Piece>>>,
    n_pieces: usize,
}

impl Log {
    /// The pieces, in the order in which they were printed. One may end anywhere, also within a line.
    pub fn pieces(&self) -> Vec<Piece> {
        self.pieces.borrow().iter().take(self.n_pieces).cloned().collect()
    }

    /// All of it as it was printed.
    pub fn text(&self) -> String {
        self.pieces.borrow().iter().take(self.n_pieces).map(|(_, text)| &**text).collect()
    }

    /// How many pieces there are; it only ever rises.
    pub fn len(&self) -> usize {
        self.n_pieces
    }

    /// Whether nothing was printed.
    pub fn is_empty(&self) -> bool {
        self.n_pieces == 0
    }

    fn push(&mut self, stream: Stream, text: &str) {
        let mut pieces = self.pieces.borrow_mut();
        if pieces.len() == self.n_pieces {
            pieces.push((stream, text.into()));
        } else {
            // Another copy has gone on from here: from now on each has its own.
            let mut own: Vec<_> = pieces.iter().take(self.n_pieces).cloned().collect();
            own.push((stream, text.into()));
            drop(pieces);
            self.pieces = Rc::new(RefCell::new(own));
        }
        self.n_pieces += 1;
    }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Log({} pieces)", self.n_pieces)
    }
}

impl PartialEq for Log {
    fn eq(&self, other: &Log) -> bool {
        self.n_pieces == other.n_pieces
            && (Rc::ptr_eq(&self.pieces, &other.pieces) || self.pieces() == other.pieces())
    }
}

/// An instruction, as its steps are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowState {
    /// How it is.
    pub state: StepState,
    /// When the first of its steps began, in milliseconds since the request.
    pub started: Option<u64>,
    /// When the last of them ended; `None` while one runs.
    pub ended: Option<u64>,
}

impl RowState {
    /// How long it took, or takes until now, in milliseconds.
    pub fn duration(&self, now: u64) -> Option<u64> {
        let started = self.started.filter(|_| self.state != StepState::Cached)?;
        Some(self.ended.unwrap_or(now).saturating_sub(started))
    }
}

impl Progress {
    /// All events of a build that is over, or of one as far as it has come.
    pub fn of<'e>(events: impl IntoIterator<Item = &'e Event>) -> Progress {
        let mut progress = Progress::default();
        events.into_iter().for_each(|event| progress.take(event));
        progress
    }

    /// Takes an event in. One that it has had already, or that comes after the end, changes nothing.
    pub fn take(&mut self, event: &Event) {
        if event.seq <= self.last || matches!(self.phase, Phase::Finished(_)) {
            return;
        }
        self.last = event.seq;
        self.at = self.at.max(event.at);
        match &event.what {
            What::Queued { position } => self.phase = Phase::Queued(*position),
            What::Started { engine } => {
                self.phase = Phase::Running;
                self.engine = Some(engine.clone());
            }
            What::Step(step) => self.put(step),
            What::Progress { step, label, current, total } => {
                self.parts.insert((*step, label.as_str().into()), (*current, *total));
            }
            What::Log { step, stream, text } => self.logs.entry(*step).or_default().push(*stream, text),
            What::Clipped { step, bytes } => drop(self.clipped.insert(*step, *bytes)),
            What::Warning { rule, message, lines } => {
                let (rule, message) = (rule.clone(), message.clone());
                self.warnings.push(Warning { rule, message, lines: *lines });
            }
            What::Size(size) => drop(self.sizes.insert(size.stage, size.clone())),
            What::Finished(outcome) => self.phase = Phase::Finished(outcome.clone()),
        }
    }

    fn put(&mut self, step: &Step) {
        let at = step.id as usize;
        // A stream is another's text: a number out of the row must not fill the memory.
        if at < self.steps.len() {
            self.steps[at] = Rc::new(step.clone());
        } else if at == self.steps.len() {
            self.steps.push(Rc::new(step.clone()));
        }
    }

    /// Whether nothing more will come.
    pub fn outcome(&self) -> Option<&Outcome> {
        match &self.phase {
            Phase::Finished(outcome) => Some(outcome),
            Phase::Asked | Phase::Queued(_) | Phase::Running => None,
        }
    }

    /// What a step printed.
    pub fn log(&self, step: u32) -> Option<&Log> {
        self.logs.get(&step)
    }

    /// How the instructions are that steps stand for, by their places.
    pub fn rows(&self) -> BTreeMap<Place, RowState> {
        let mut rows: BTreeMap<Place, RowState> = BTreeMap::new();
        let mut fetched: BTreeMap<Place, RowState> = BTreeMap::new();
        for step in &self.steps {
            let state = RowState { state: step.state, started: step.started, ended: step.ended };
            let rows = if fetches(step) { &mut fetched } else { &mut rows };
            for place in step.places.iter().filter(|place| place.line > 0) {
                rows.entry(*place).and_modify(|row| *row = together(*row, state)).or_insert(state);
            }
        }
        // Of COPY --from an image, fetching the image is not what it does; that it was in the cache it can be all the same.
        for (place, state) in fetched {
            rows.entry(place)
                .and_modify(|row| {
                    if !matches!(state.state, StepState::Done | StepState::Cached) {
                        *row = together(*row, state);
                    }
                })
                .or_insert(state);
        }
        rows
    }
}

/// Whether a step brings an image.
fn fetches(step: &Step) -> bool {
    let text = step.name.split_once("] ").map_or(step.name.as_str(), |(_, text)| text);
    text.starts_with("FROM ")
}

/// Two steps of one instruction. It has failed if one has, runs if one runs or the other half is still to come, and is
/// cached only if all of it is.
fn together(a: RowState, b: RowState) -> RowState {
    use StepState::{Cached, Cancelled, Done, Failed, Running, Waiting};
    let state = match (a.state, b.state) {
        (Failed, _) | (_, Failed) => Failed,
        (Cancelled, _) | (_, Cancelled) => Cancelled,
        (Running, _) | (_, Running) => Running,
        (Waiting, Done | Cached) | (Done | Cached, Waiting) => Running,
        (Waiting, Waiting) => Waiting,
        (Done, _) | (_, Done) => Done,
        (Cached, Cached) => Cached,
    };
    let started = a.started.into_iter().chain(b.started).min();
    let ended = a.ended.zip(b.ended).map(|(a, b)| a.max(b)).filter(|_| state != Running);
    RowState { state, started, ended }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::build::End;

    fn step(id: u32, line: u32, state: StepState) -> Event {
        let places = vec![Place { stage: 0, line }];
        let step = Step { id, places, state, started: Some(u64::from(id)), ..Step::default() };
        Event { seq: 0, at: 0, what: What::Step(step) }
    }

    fn log(text: &str) -> Event {
        Event { seq: 0, at: 0, what: What::Log { step: 0, stream: Stream::Out, text: text.to_owned() } }
    }

    fn numbered(events: Vec<Event>) -> Vec<Event> {
        (1..).zip(events).map(|(seq, event)| Event { seq, at: seq * 10, ..event }).collect()
    }

    fn check(events: Vec<Event>, line: u32, expected: StepState) {
        let rows = Progress::of(&numbered(events)).rows();
        assert_eq!(rows[&Place { stage: 0, line }].state, expected);
    }

    #[test]
    fn an_instruction_is_as_its_steps_are() {
        use StepState::{Cached, Cancelled, Done, Failed, Running, Waiting};
        check(vec![step(0, 2, Waiting)], 2, Waiting);
        check(vec![step(0, 2, Running), step(0, 2, Done)], 2, Done);
        check(vec![step(0, 2, Done), step(1, 2, Waiting)], 2, Running);
        check(vec![step(0, 2, Cached), step(1, 2, Done)], 2, Done);
        check(vec![step(0, 2, Cached), step(1, 2, Cached)], 2, Cached);
        check(vec![step(0, 2, Done), step(1, 2, Failed)], 2, Failed);
        check(vec![step(0, 2, Cancelled), step(1, 2, Running)], 2, Cancelled);
    }

    #[test]
    fn an_image_that_was_fetched_says_nothing_of_the_copy() {
        let fetch = |state: StepState| {
            let What::Step(it) = step(0, 2, state).what else { unreachable!() };
            let name = "FROM docker.io/library/alpine".to_owned();
            Event { seq: 0, at: 0, what: What::Step(Step { name, ..it }) }
        };
        check(vec![fetch(StepState::Done), step(1, 2, StepState::Cached)], 2, StepState::Cached);
        check(vec![fetch(StepState::Running), step(1, 2, StepState::Waiting)], 2, StepState::Running);
        check(vec![fetch(StepState::Failed), step(1, 2, StepState::Waiting)], 2, StepState::Failed);
        check(vec![fetch(StepState::Done)], 2, StepState::Done);
    }

    #[test]
    fn what_comes_twice_is_taken_once() {
        let events = numbered(vec![step(0, 1, StepState::Running), log("one "), log("two")]);
        let mut progress = Progress::of(&events);
        events.iter().for_each(|event| progress.take(event));
        assert_eq!(progress.log(0).map(Log::text).as_deref(), Some("one two"));
        assert_eq!(progress.last, 3);
    }

    #[test]
    fn nothing_comes_after_the_end() {
        let end = |end| Event { seq: 0, at: 0, what: What::Finished(Outcome { end, ..Outcome::default() }) };
        let events = numbered(vec![end(End::Succeeded), end(End::Failed), log("late")]);
        let progress = Progress::of(&events);
        assert_eq!(progress.outcome().map(|it| it.end), Some(End::Succeeded));
        assert!(progress.log(0).is_none());
    }

    #[test]
    fn a_copy_keeps_what_it_had() {
        let events = numbered(vec![log("a"), log("b"), log("c")]);
        let mut first = Progress::of(&events[..1]);
        let kept = first.clone();
        first.take(&events[1]);
        let mut second = kept.clone();
        second.take(&events[2]);
        let text = |progress: &Progress| progress.log(0).map(Log::text).unwrap_or_default();
        assert_eq!([text(&kept), text(&first), text(&second)], ["a", "ab", "ac"]);
    }

    #[test]
    fn a_number_out_of_the_row_is_left_out() {
        assert!(Progress::of(&numbered(vec![step(4_000_000_000, 1, StepState::Done)])).steps.is_empty());
    }
}
