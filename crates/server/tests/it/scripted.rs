//! An engine that does what the comments of the Dockerfile say, so that a test is a Dockerfile.
//!
//! Each line `#- WORD REST` is done in turn: `log TEXT`, `flood BYTES`, `step` (the last one is done, a new one runs),
//! `sleep MS`, `gate` (waits until the test opens it), `hang` (until it is stopped), `stubborn` (forever), `fail CODE`,
//! `panic`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use engine::{Engine, Info, Order, Sink, Stop};
use protocol::build::{
    Abilities, End, EngineName, Failure, FileEntry, FileList, Mapped, Outcome, Place, StageSize, Step,
    StepState, Stream, What,
};
use tokio::sync::{Semaphore, mpsc};

#[derive(Clone)]
pub(crate) struct Scripted {
    pub(crate) begun: Arc<AtomicUsize>,
    pub(crate) looked: Arc<AtomicUsize>,
    pub(crate) gate: Arc<Semaphore>,
    /// What the last build may use.
    pub(crate) rules: Arc<std::sync::Mutex<engine::Rules>>,
    /// The first lines of what was built, in order.
    pub(crate) order: Arc<std::sync::Mutex<Vec<String>>>,
}

impl Scripted {
    pub(crate) fn new() -> Scripted {
        Scripted {
            begun: Arc::default(),
            looked: Arc::default(),
            gate: Arc::new(Semaphore::new(0)),
            rules: Arc::default(),
            order: Arc::default(),
        }
    }

    pub(crate) fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }

    async fn play(&self, order: &Order, sink: &mut Sink) -> Outcome {
        let mut id = 0;
        sink.send(What::Step(step(id, StepState::Running))).await;
        for line in order.request.dockerfile.lines() {
            let Some(line) = line.strip_prefix("#- ") else { continue };
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            let log = |text: String| What::Log { step: id, stream: Stream::Out, text };
            match word {
                "log" => sink.send(log(format!("{rest}\n"))).await,
                "flood" => {
                    for _ in 0..rest.parse::<usize>().unwrap() / 1000 {
                        sink.send(log(format!("{}\n", "x".repeat(999)))).await;
                    }
                }
                "step" => {
                    sink.send(What::Step(step(id, StepState::Done))).await;
                    id += 1;
                    sink.send(What::Step(step(id, StepState::Running))).await;
                }
                "many" => {
                    for n in 0..rest.parse::<u32>().unwrap() {
                        sink.send(What::Step(step(1000 + n, StepState::Cached))).await;
                    }
                }
                "sleep" => tokio::time::sleep(Duration::from_millis(rest.parse().unwrap())).await,
                "gate" => self.gate.acquire().await.unwrap().forget(),
                "hang" => std::future::pending().await,
                "fail" => {
                    let mut failed = step(id, StepState::Failed);
                    failed.error = Some(format!("exit code: {rest}"));
                    sink.send(What::Step(failed)).await;
                    let failure = Failure {
                        code: "exit-code".to_owned(),
                        message: "A command failed".to_owned(),
                        exit_code: rest.parse().ok(),
                        ..Failure::default()
                    };
                    return Outcome { end: End::Failed, failure: Some(failure), image: None };
                }
                "panic" => panic!("as the script says"),
                _ => panic!("no such word: {word}"),
            }
        }
        sink.send(What::Step(step(id, StepState::Done))).await;
        Outcome { end: End::Succeeded, ..Outcome::default() }
    }
}

fn step(id: u32, state: StepState) -> Step {
    let places = vec![Place { stage: 0, line: 1 }];
    Step { id, name: format!("step {id}"), state, places, mapped: Mapped::Exact, ..Step::default() }
}

#[async_trait]
impl Engine for Scripted {
    async fn probe(&self) -> Result<Info, Failure> {
        Ok(Info {
            name: EngineName { kind: "scripted".to_owned(), version: "1".to_owned(), notice: None },
            abilities: Abilities { files: true, sizes: true, ..Abilities::default() },
            ..Info::default()
        })
    }

    async fn build(&self, order: &Order, mut sink: Sink, stop: &Stop) -> Outcome {
        self.begun.fetch_add(1, Ordering::SeqCst);
        *self.rules.lock().unwrap() = order.rules.clone();
        self.order
            .lock()
            .unwrap()
            .push(order.request.dockerfile.lines().next().unwrap_or_default().to_owned());
        let info = self.probe().await.unwrap();
        sink.send(What::Started { engine: info.name }).await;
        let is_stubborn = order.request.dockerfile.contains("#- stubborn");
        if is_stubborn {
            std::future::pending::<()>().await;
        }
        let outcome = tokio::select! {
            outcome = stop.used() => outcome,
            outcome = self.play(order, &mut sink) => outcome,
        };
        sink.send(What::Finished(outcome.clone())).await;
        outcome
    }

    async fn sizes(&self, _: &Order, stages: &[usize]) -> Result<Vec<StageSize>, Failure> {
        Ok(stages.iter().map(|&stage| StageSize { stage, bytes: Some(42), ..StageSize::default() }).collect())
    }

    async fn files(&self, _: &Order, stage: usize, _: usize) -> Result<FileList, Failure> {
        self.looked.fetch_add(1, Ordering::SeqCst);
        let entry = FileEntry { path: "/<b>".to_owned(), kind: "file".to_owned(), ..FileEntry::default() };
        Ok(FileList { stage, entries: vec![entry], partial: false })
    }

    async fn archive(
        &self,
        _: &Order,
        _: usize,
        path: &str,
        _: u64,
        to: mpsc::Sender<Vec<u8>>,
    ) -> Result<(), Failure> {
        if path == "/none" {
            return Err(Failure {
                code: "not-found".to_owned(),
                message: "It is not there".to_owned(),
                ..Failure::default()
            });
        }
        for piece in [b"tar ".to_vec(), path.as_bytes().to_vec()] {
            to.send(piece).await.ok();
        }
        Ok(())
    }
}
