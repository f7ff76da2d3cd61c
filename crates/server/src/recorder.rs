//! What an engine tells, before it becomes events that are kept: output in fewer pieces, and not without an end.
//!
//! Output of one step that comes within a moment becomes one event, and of progress only the newest counts. What is
//! beyond the limit of the build is left out and counted; when a step fails, its last words are told all the same, since
//! those are what somebody looks for.

use std::collections::{BTreeMap, VecDeque};

use protocol::build::{Step, StepState, Stream, What};

use crate::run::Run;

/// Pieces of output are joined up to this size.
const PIECE: usize = 16 << 10;
/// So much of what was left out can still be told.
const LAST_WORDS: usize = 16 << 10;

#[derive(Debug)]
pub(crate) struct Recorder<'a> {
    run: &'a Run,
    /// Bytes of output that are kept; 0 is no limit.
    most: u64,
    told: u64,
    output: Vec<Piece>,
    progress: BTreeMap<(u32, String), (u64, Option<u64>)>,
    left_out: BTreeMap<u32, LeftOut>,
    /// Bytes left out, in all.
    pub(crate) dropped: u64,
    /// Whether the engine told how large stages are.
    pub(crate) has_sizes: bool,
    /// The stages of which something was made.
    pub(crate) stages: std::collections::BTreeSet<usize>,
}

#[derive(Debug)]
struct Piece {
    step: u32,
    stream: Stream,
    text: String,
    at: u64,
}

#[derive(Debug, Default)]
struct LeftOut {
    bytes: u64,
    /// How many of them have been told of.
    said: u64,
    last: VecDeque<(Stream, String)>,
    last_bytes: usize,
}

impl<'a> Recorder<'a> {
    pub(crate) fn new(run: &'a Run, most: u64) -> Recorder<'a> {
        Recorder {
            run,
            most,
            told: 0,
            output: Vec::new(),
            progress: BTreeMap::new(),
            left_out: BTreeMap::new(),
            dropped: 0,
            has_sizes: false,
            stages: std::collections::BTreeSet::new(),
        }
    }

    /// Takes something that happened.
    pub(crate) fn take(&mut self, at: u64, what: What) {
        match what {
            What::Log { step, stream, text } => self.log(at, step, stream, text),
            What::Progress { step, label, current, total } => {
                self.progress.insert((step, label), (current, total));
            }
            What::Step(step) => {
                // What a step printed comes before its end.
                self.flush();
                if step.state == StepState::Failed {
                    self.last_words(at, &step);
                }
                if matches!(step.state, StepState::Done | StepState::Cached) {
                    self.stages.extend(step.places.iter().map(|place| place.stage));
                }
                self.run.tell_at(at, What::Step(step));
            }
            What::Size(size) => {
                self.has_sizes = true;
                self.run.tell_at(at, What::Size(size));
            }
            // Both are for us to say.
            What::Queued { .. } | What::Finished(_) => {}
            what @ (What::Started { .. } | What::Clipped { .. } | What::Warning { .. }) => {
                self.flush();
                self.run.tell_at(at, what);
            }
        }
    }

    /// Tells what has gathered; a few times a second.
    pub(crate) fn flush(&mut self) {
        for Piece { step, stream, text, at } in self.output.drain(..) {
            self.run.tell_at(at, What::Log { step, stream, text });
        }
        for ((step, label), (current, total)) in std::mem::take(&mut self.progress) {
            self.run.tell(What::Progress { step, label, current, total });
        }
    }

    /// Tells how much has been left out since this was last said; once a second is enough.
    pub(crate) fn count(&mut self) {
        for (&step, left_out) in &mut self.left_out {
            if left_out.said < left_out.bytes {
                left_out.said = left_out.bytes;
                self.run.tell(What::Clipped { step: Some(step), bytes: left_out.bytes });
            }
        }
    }

    fn log(&mut self, at: u64, step: u32, stream: Stream, text: String) {
        if text.is_empty() {
            return;
        }
        let size = text.len() as u64;
        if self.most > 0 && self.told + size > self.most {
            self.dropped += size;
            self.left_out.entry(step).or_default().add(stream, text);
            return;
        }
        self.told += size;
        match self.output.last_mut() {
            Some(last)
                if last.step == step && last.stream == stream && last.text.len() + text.len() <= PIECE =>
            {
                last.text.push_str(&text);
            }
            _ => self.output.push(Piece { step, stream, text, at }),
        }
        if self.output.len() > 64 {
            self.flush();
        }
    }

    fn last_words(&mut self, at: u64, step: &Step) {
        let Some(mut left_out) = self.left_out.remove(&step.id) else { return };
        left_out.bytes -= left_out.last_bytes as u64;
        if left_out.bytes > left_out.said {
            self.run.tell_at(at, What::Clipped { step: Some(step.id), bytes: left_out.bytes });
        }
        for (stream, text) in left_out.last {
            self.run.tell_at(at, What::Log { step: step.id, stream, text });
        }
    }
}

impl LeftOut {
    fn add(&mut self, stream: Stream, mut text: String) {
        self.bytes += text.len() as u64;
        if text.len() > LAST_WORDS {
            let mut from = text.len() - LAST_WORDS;
            while !text.is_char_boundary(from) {
                from += 1;
            }
            text.drain(..from);
        }
        self.last_bytes += text.len();
        self.last.push_back((stream, text));
        while self.last_bytes > LAST_WORDS {
            let Some((_, first)) = self.last.pop_front() else { break };
            self.last_bytes -= first.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::build::Request;

    use super::*;

    fn record(most: u64, happened: impl IntoIterator<Item = What>) -> Vec<String> {
        let run = Run::new("x".to_owned(), 0, Request::default());
        let mut recorder = Recorder::new(&run, most);
        happened.into_iter().for_each(|what| recorder.take(0, what));
        recorder.flush();
        recorder.count();
        let shown = run.log.events().into_iter().map(|event| match event.what {
            What::Log { step, stream: Stream::Out, text } => format!("{step}: {text}"),
            What::Log { step, stream: Stream::Err, text } => format!("{step}! {text}"),
            What::Clipped { bytes, .. } => format!("clipped {bytes}"),
            What::Progress { label, current, .. } => format!("{label} {current}"),
            What::Step(step) => format!("{} {:?}", step.id, step.state),
            other => format!("{other:?}"),
        });
        shown.collect()
    }

    fn log(step: u32, text: &str) -> What {
        What::Log { step, stream: Stream::Out, text: text.to_owned() }
    }

    fn step(id: u32, state: StepState) -> What {
        What::Step(Step { id, state, ..Step::default() })
    }

    fn progress(current: u64) -> What {
        What::Progress { step: 0, label: "layer".to_owned(), current, total: None }
    }

    #[test]
    fn output_is_joined_within_a_step_and_a_stream() {
        let err = What::Log { step: 0, stream: Stream::Err, text: "e".to_owned() };
        let happened = [log(0, "a"), log(0, "b\n"), log(1, "c"), log(0, "d"), err, step(0, StepState::Done)];
        assert_eq!(record(0, happened), ["0: ab\n", "1: c", "0: d", "0! e", "0 Done"]);
    }

    #[test]
    fn of_progress_the_newest_counts() {
        assert_eq!(record(0, [progress(1), progress(2), log(0, "a"), progress(3)]), ["0: a", "layer 3"]);
    }

    #[test]
    fn too_much_is_left_out_and_counted() {
        let happened = [log(0, "12345"), log(0, "678"), log(1, "90"), log(1, "1")];
        assert_eq!(
            record(7, happened),
            ["0: 12345", "1: 90", "clipped 3", "clipped 1"].map(str::to_owned)[..].to_vec()
        );
    }

    #[test]
    fn a_step_that_fails_has_last_words() {
        let flood = (0..100).map(|_| log(0, &"x".repeat(1000)));
        let happened = flood.chain([log(0, "error: no\n"), step(0, StepState::Failed)]);
        let told = record(2000, happened);
        assert_eq!(told.last().unwrap(), "0 Failed");
        assert_eq!(told[told.len() - 2], "0: error: no\n");
        let kept: usize = told.iter().filter_map(|it| it.strip_prefix("0: ")).map(str::len).sum();
        let clipped: usize = told.iter().find_map(|it| it.strip_prefix("clipped ")).unwrap().parse().unwrap();
        assert_eq!(kept + clipped, 100_010);
        assert!(kept <= 2000 + LAST_WORDS);
    }

    #[test]
    fn one_endless_line_is_cut_between_characters() {
        let told = record(1, [log(0, &"ä".repeat(40_000)), step(0, StepState::Failed)]);
        assert!(told[1].len() <= LAST_WORDS + 3 && told[1].ends_with('ä'), "{}", told[1].len());
    }
}
