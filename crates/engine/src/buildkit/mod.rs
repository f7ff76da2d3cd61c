//! BuildKit, by itself or within Docker.
//!
//! A build is one call that lasts until it is over; beside it, BuildKit tells what happens. To stop a build is to give
//! that call up and to listen until nothing more is said. No session is opened, so that a build can ask nothing of this
//! side: no secret, no agent, no file.

mod asked;
mod converted;
mod failing;
mod folders;
mod gateway;
mod images;
mod inputs;
mod legacy;
mod policy;
mod rpc;
mod telling;
mod tls;
mod transport;

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;
use bollard_buildkit_proto::moby::buildkit::v1::{PruneRequest, SolveResponse, StatusResponse};
use hyper::Method;
use progress::vertices::Vertices;
use protocol::build::{Abilities, End, EngineName, Failure, FileList, Lines, Outcome, StageSize, What};
use serde_json::Value;
use tokio::sync::{OnceCell, mpsc};
use tokio::time::{Instant, sleep_until};
use tonic::Status;

use crate::{Engine, Info, Order, Sink, Stop, failure};
use asked::Asked;
use rpc::Rpc;
use telling::Telling;
pub use tls::Certificates;
use transport::{Kind, Transport};

/// How long is listened for more when a build is over, or has been stopped.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// A moment far away.
const NEVER: Duration = Duration::from_secs(24 * 3600);
/// So long an engine may take to say what it is.
const PATIENCE: Duration = Duration::from_secs(10);

/// A BuildKit that is reached over a socket.
#[derive(Debug)]
pub struct BuildKit {
    transport: Transport,
    info: OnceCell<Info>,
}

impl BuildKit {
    /// The one in a Docker engine: `unix:///var/run/docker.sock` or `tcp://host:port`.
    ///
    /// # Errors
    /// If that is no address.
    pub fn docker(address: &str) -> Result<BuildKit, Failure> {
        BuildKit::new(Kind::Docker, address)
    }

    /// One that stands alone: `unix:///run/buildkit/buildkitd.sock` or `tcp://host:port`.
    ///
    /// # Errors
    /// If that is no address.
    pub fn alone(address: &str) -> Result<BuildKit, Failure> {
        BuildKit::new(Kind::BuildKit, address)
    }

    /// The same over TLS. The files are read now, and again at each connection.
    ///
    /// # Errors
    /// If they cannot be read, or the address is not `tcp://…`.
    pub fn with_certificates(self, certificates: Certificates) -> Result<BuildKit, Failure> {
        Ok(BuildKit { transport: self.transport.with_certificates(certificates)?, info: self.info })
    }

    fn new(kind: Kind, address: &str) -> Result<BuildKit, Failure> {
        Ok(BuildKit { transport: Transport::new(kind, address)?, info: OnceCell::new() })
    }

    fn rpc(&self) -> Rpc {
        Rpc::new(self.transport.channel())
    }

    async fn info(&self) -> Result<&Info, Failure> {
        self.info.get_or_try_init(|| self.ask()).await
    }

    async fn ask(&self) -> Result<Info, Failure> {
        let rpc = self.rpc();
        let answer = tokio::time::timeout(PATIENCE, rpc.info()).await;
        let answer = answer.map_err(|_| failure("engine", "The engine does not answer"))?;
        // Old ones do not know the question.
        let buildkit = match answer {
            Ok(answer) => answer.buildkit_version.map(|it| it.version.trim_start_matches('v').to_owned()),
            Err(status) if status.code() == tonic::Code::Unimplemented => None,
            Err(status) => return Err(failing::failed(&status, None, "")),
        };
        let (kind, version, platform) = match self.transport.kind {
            Kind::Docker => {
                let answer = self.transport.ask(Method::GET, "/version").await?;
                let text = |key: &str| answer.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
                ("docker", text("Version"), format!("{}/{}", text("Os"), text("Arch")))
            }
            Kind::BuildKit => {
                let workers = rpc.workers().await.map_err(|status| failing::failed(&status, None, ""))?;
                let platform = workers.record.iter().flat_map(|worker| &worker.platforms).next();
                let platform = platform.map(|it| format!("{}/{}", it.os, it.architecture));
                ("buildkit", buildkit.clone().unwrap_or_default(), platform.unwrap_or_default())
            }
        };
        let is_docker = self.transport.kind == Kind::Docker;
        // BuildKit 0.11 came with Docker 23.
        let is_today = if is_docker { numbers(&version) >= (23, 0) } else { numbers(&version) >= (0, 11) };
        let notice = (!is_today).then(|| {
            let name = if is_docker { "Docker" } else { "BuildKit" };
            format!(
                "{name} {version} is older than what Stagelight shows: it refuses newer instructions, does not say in \
                 detail why a build fails, and cannot be told what a build may fetch"
            )
        });
        Ok(Info {
            name: EngineName { kind: kind.to_owned(), version, notice },
            abilities: Abilities {
                source_policy: is_today,
                error_details: is_today,
                // Builds of distributions do not always know their version, and are not asked.
                exact_places: buildkit.as_deref().is_some_and(|version| numbers(version) >= (0, 26)),
                files: true,
                sizes: true,
                step_limits: buildkit.as_deref().is_some_and(|version| numbers(version) >= (0, 31)),
                legacy: is_docker,
            },
            platform: if platform.len() > 1 { platform } else { "linux/amd64".to_owned() },
            buildkit,
            folders: folders::of(&self.transport).await,
        })
    }

    async fn run(&self, order: &Order, mut sink: Sink, stop: &Stop) -> Outcome {
        let dockerfile = &order.request.dockerfile;
        let begun = async {
            let info = self.info().await?;
            Ok((info, Asked::new(order, info, None)?))
        };
        let begun: Result<(&Info, Asked), Failure> = tokio::select! {
            biased;
            outcome = stop.used() => return told(&mut sink, outcome).await,
            begun = begun => begun,
        };
        let (info, asked) = match begun {
            Ok(begun) => begun,
            Err(failure) => {
                let end = if failure.code == "engine" { End::Interrupted } else { End::Failed };
                return told(&mut sink, Outcome { end, failure: Some(failure), image: None }).await;
            }
        };
        let vertices = Vertices::new(asked.mapping.clone());
        let mut telling = Telling::new(vertices, sink, dockerfile, order.rules.log_bytes);
        telling.say(What::Started { engine: info.name.clone() });
        let reference = unique();
        let rpc = self.rpc();
        let request = asked.solve(order, &reference);
        let lines = async {
            match info.abilities.exact_places {
                true => gateway::lines(self, order, asked).await.unwrap_or_default(),
                false => HashMap::new(),
            }
        };
        let answer = drive(&rpc, request, &reference, lines, &mut telling, stop).await;
        let outcome = match answer {
            Answer::Stopped(outcome) => outcome,
            Answer::Ended(Ok(_)) => Outcome { end: End::Succeeded, ..Outcome::default() },
            Answer::Ended(Err(status)) => failing::outcome(&status, &telling.vertices, dockerfile),
        };
        telling.end(outcome.clone()).await;
        outcome
    }
}

/// How a build ended.
enum Answer {
    Ended(Result<SolveResponse, Status>),
    Stopped(Outcome),
}

/// Builds, listens and tells, until the build is over or stopped and nothing more is said.
async fn drive(
    rpc: &Rpc,
    request: bollard_buildkit_proto::moby::buildkit::v1::SolveRequest,
    reference: &str,
    lines: impl Future<Output = HashMap<String, Vec<Lines>>>,
    telling: &mut Telling,
    stop: &Stop,
) -> Answer {
    type Solving<'s> = Pin<Box<dyn Future<Output = Result<SolveResponse, Status>> + Send + 's>>;
    let (sender, mut receiver) = mpsc::channel::<StatusResponse>(64);
    let mut listening = std::pin::pin!(async move {
        let Ok(mut status) = rpc.status(reference).await else { return };
        while let Ok(Some(message)) = status.message().await {
            if sender.send(message).await.is_err() {
                return;
            }
        }
    });
    let mut is_listening = true;
    let mut lines = std::pin::pin!(lines);
    let mut is_asking = true;
    let mut solving: Option<Solving<'_>> = Some(Box::pin(rpc.solve(request)));
    let mut answer: Option<Answer> = None;
    let mut deadline = Instant::now() + NEVER;
    loop {
        telling.pump();
        let is_quiet = !is_listening && receiver.is_empty();
        if solving.is_none() && (is_quiet || Instant::now() >= deadline) {
            return answer.unwrap_or(Answer::Ended(Err(Status::unavailable(""))));
        }
        let due = telling.due();
        tokio::select! {
            biased;
            outcome = stop.used(), if answer.is_none() => {
                answer = Some(Answer::Stopped(outcome));
                is_asking = false;
                // Given up, it is stopped.
                solving = None;
                deadline = Instant::now() + LAST_WORDS;
            }
            Some(message) = receiver.recv() => telling.take(message),
            // It is listened first, so that nothing is missed of a build that is over at once.
            () = &mut listening, if is_listening => is_listening = false,
            lines = &mut lines, if is_asking => {
                is_asking = false;
                telling.set_lines(lines);
            }
            result = wait(&mut solving), if solving.is_some() => {
                answer = Some(Answer::Ended(result));
                solving = None;
                deadline = Instant::now() + LAST_WORDS;
            }
            () = telling.room(), if telling.is_waiting() => {}
            () = sleep_until(due.unwrap_or(deadline)), if due.is_some() => telling.flush(),
            () = sleep_until(deadline) => {}
        }
    }
}

async fn wait<F: Future + Unpin>(future: &mut Option<F>) -> F::Output {
    match future {
        Some(future) => future.await,
        None => std::future::pending().await,
    }
}

/// Tells the end of what has not begun.
async fn told(sink: &mut Sink, outcome: Outcome) -> Outcome {
    sink.send(What::Finished(outcome.clone())).await;
    outcome
}

/// A name that nothing else has.
fn unique() -> String {
    let number = || RandomState::new().hash_one(std::process::id());
    format!("stagelight-{:016x}{:016x}", number(), number())
}

/// The first two numbers of a version.
fn numbers(version: &str) -> (u32, u32) {
    let mut numbers = version.split(['.', '-', '+']).map(|it| it.parse().unwrap_or_default());
    (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default())
}

#[async_trait]
impl Engine for BuildKit {
    async fn probe(&self) -> Result<Info, Failure> {
        // Asked anew: it may have been restarted as another one.
        self.ask().await
    }

    async fn build(&self, order: &Order, sink: Sink, stop: &Stop) -> Outcome {
        match order.request.legacy {
            true => legacy::build(self, order, sink, stop).await,
            false => self.run(order, sink, stop).await,
        }
    }

    async fn sizes(&self, order: &Order, stages: &[usize]) -> Result<Vec<StageSize>, Failure> {
        if order.request.legacy {
            return Err(failure("unable", "The legacy builder has told the size of its image already"));
        }
        images::sizes(self, order, stages).await
    }

    async fn files(&self, order: &Order, stage: usize, limit: usize) -> Result<FileList, Failure> {
        gateway::files(self, order, stage, limit).await
    }

    async fn archive(
        &self,
        order: &Order,
        stage: usize,
        path: &str,
        limit: u64,
        to: mpsc::Sender<Vec<u8>>,
    ) -> Result<(), Failure> {
        gateway::archive(self, order, stage, path, limit, to).await
    }

    async fn prune(&self, free: Option<u64>) -> Result<u64, Failure> {
        let min_free_space = free.map_or(0, |it| i64::try_from(it).unwrap_or(i64::MAX));
        let request = PruneRequest { all: true, min_free_space, ..PruneRequest::default() };
        let failed = |status: Status| failing::failed(&status, None, "");
        let mut gone = self.rpc().prune(request).await.map_err(failed)?;
        let mut bytes = 0;
        while let Some(record) = gone.message().await.map_err(failed)? {
            bytes += u64::try_from(record.size).unwrap_or_default();
        }
        Ok(bytes)
    }
}
