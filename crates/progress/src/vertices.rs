//! How the steps of a build are, from what the engine says of its vertices.
//!
//! Surprising: an engine says of a step that it is done when it has only worked out its key, and says afterwards that it
//! runs, or that it was in the cache; the last word counts. What is stopped because something else failed ends with an
//! error too, `context canceled`.

use std::collections::HashMap;

use protocol::build::{Lines, Step, StepState};

use crate::mapping::Mapping;

/// What an engine says of a vertex.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vertex {
    /// Its digest.
    pub digest: String,
    /// Its name.
    pub name: String,
    /// The digests of those it needs.
    pub inputs: Vec<String>,
    /// When it began, in milliseconds since the request.
    pub started: Option<u64>,
    /// When it ended.
    pub ended: Option<u64>,
    /// Whether what it makes was in the cache.
    pub cached: bool,
    /// Why it failed.
    pub error: Option<String>,
}

/// The steps of a build.
#[derive(Clone, Debug, Default)]
pub struct Vertices {
    mapping: Mapping,
    /// In the order of their numbers.
    steps: Vec<Step>,
    ids: HashMap<String, u32>,
    /// The digest and the engine's own name of each step, once it has been told of.
    known: Vec<(String, String)>,
    /// Which lines a vertex is of, as far as the engine says so.
    lines: HashMap<String, Vec<Lines>>,
}

impl Vertices {
    /// None so far.
    pub fn new(mapping: Mapping) -> Vertices {
        Vertices { mapping, ..Vertices::default() }
    }

    /// What is known of the Dockerfile.
    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// Takes the engine's word for the lines of vertices, by their digests, and gives the steps that are not as they were.
    pub fn set_lines(&mut self, lines: HashMap<String, Vec<Lines>>) -> Vec<Step> {
        self.lines = lines;
        let mut changed = Vec::new();
        for ((digest, name), step) in self.known.iter().zip(&mut self.steps) {
            let Some(lines) = self.lines.get(digest).filter(|_| !name.is_empty()) else { continue };
            let (places, mapped) = self.mapping.by_lines(name, lines);
            if (&step.places, step.mapped) != (&places, mapped) {
                (step.places, step.mapped) = (places, mapped);
                changed.push(step.clone());
            }
        }
        changed
    }

    /// The number of a vertex.
    pub fn id(&self, digest: &str) -> Option<u32> {
        self.ids.get(digest).copied()
    }

    /// All steps as they are now.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Takes in what an engine says at one time, and gives the steps that are not as they were.
    pub fn take(&mut self, batch: &[Vertex]) -> Vec<Step> {
        self.number(batch);
        let mut changed: Vec<Step> = Vec::with_capacity(batch.len());
        for vertex in batch {
            let Some(id) = self.id(&vertex.digest) else { continue };
            let step = self.step(id, vertex);
            if let Some(known) = self.known.get_mut(id as usize) {
                known.1.clone_from(&vertex.name);
            }
            let Some(known) = self.steps.get_mut(id as usize) else { continue };
            if *known != step {
                *known = step.clone();
                changed.push(step);
            }
        }
        changed.sort_by_key(|step| step.id);
        changed
    }

    /// Takes in that the build is over at a time. What still runs has been stopped.
    pub fn end(&mut self, at: u64) -> Vec<Step> {
        let mut changed = Vec::new();
        for step in self.steps.iter_mut().filter(|step| step.state == StepState::Running) {
            step.state = StepState::Cancelled;
            step.ended = Some(at);
            changed.push(step.clone());
        }
        changed
    }

    /// The step that made the build fail, if the engine does not say which: the first with an error of its own.
    pub fn culprit(&self) -> Option<&Step> {
        let failed = self.steps.iter().filter(|step| step.state == StepState::Failed);
        failed.min_by_key(|step| step.ended)
    }

    /// Gives numbers to those that have none, each behind those it needs.
    fn number(&mut self, batch: &[Vertex]) {
        let new: HashMap<&str, &Vertex> = batch
            .iter()
            .filter(|vertex| !self.ids.contains_key(&vertex.digest))
            .map(|vertex| (vertex.digest.as_str(), vertex))
            .collect();
        for vertex in batch {
            let mut open = vec![(vertex.digest.as_str(), 0)];
            while let Some((digest, at)) = open.pop() {
                let Some(vertex) = new.get(digest).filter(|_| !self.ids.contains_key(digest)) else {
                    continue;
                };
                match vertex.inputs.get(at) {
                    // An input that is on the way already would be a circle, which engines do not have.
                    Some(input) if open.len() <= new.len() => {
                        open.push((digest, at + 1));
                        open.push((input, 0));
                    }
                    _ => {
                        let id = self.steps.len() as u32;
                        self.ids.insert(digest.to_owned(), id);
                        self.known.push((digest.to_owned(), String::new()));
                        // Not yet told of, so that what is told first is a change.
                        self.steps.push(Step { id, ..Step::default() });
                    }
                }
            }
        }
    }

    fn step(&self, id: u32, vertex: &Vertex) -> Step {
        let (places, mapped) = match self.lines.get(&vertex.digest) {
            Some(lines) => self.mapping.by_lines(&vertex.name, lines),
            None => self.mapping.by_name(&vertex.name),
        };
        let state = match (&vertex.error, vertex.started, vertex.ended) {
            (Some(error), ..) if error.contains("context canceled") => StepState::Cancelled,
            (Some(_), ..) => StepState::Failed,
            (None, _, Some(_)) if vertex.cached => StepState::Cached,
            (None, _, Some(_)) => StepState::Done,
            (None, Some(_), None) => StepState::Running,
            (None, None, None) => StepState::Waiting,
        };
        Step {
            id,
            name: self.mapping.shown(&vertex.name),
            places,
            mapped,
            state,
            started: vertex.started,
            ended: vertex.ended,
            error: vertex.error.clone(),
            inputs: vertex.inputs.iter().filter_map(|input| self.id(input)).collect(),
        }
    }
}
