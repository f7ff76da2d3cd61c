//! Docker's builder before BuildKit, for the one thing it is good for: to see what it does otherwise.
//!
//! It is asked by `POST /build` and answers with lines for people: `Step 3/9 : …` is the third instruction of the file,
//! and what stands between two of those is of the first (`builder/dockerfile` of moby). Surprising: settings are steps
//! here, and each makes a layer. It knows no source policy, so nobody but the engine's owner should build with it. To
//! stop it is to give the connection up. The images it makes stay, for they are its cache.

use std::collections::HashMap;
use std::io;

use dockerfile::stages::{self, StageGraph};
use dockerfile::syntax::{self, Parse};
use dockerfile::text::LineSpan;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use protocol::build::{
    Abilities, End, EngineName, Failure, LayerSize, Lines, Mapped, Outcome, Place, StageSize, Step,
    StepState, Stream, What,
};
use serde_json::Value;

use super::failing::{line_in, scrubbed};
use super::tls::Trouble;
use super::{BuildKit, inputs, told};
use crate::{Order, Sink, Stop, failure};

/// What a line of an answer may be long.
const LONGEST_LINE: usize = 4 << 20;
/// An answer that is an error is not longer.
const LONGEST_ERROR: usize = 1 << 20;
const CACHED: &str = " ---> Using cache";
const RUNS: &str = " ---> Running in ";
/// In the words of engines before 23, and of those since.
const RAN: [&str; 2] = ["Removing intermediate container ", " ---> Removed intermediate container "];
const ARROW: &str = " --->";
const CODE: &str = "returned a non-zero code: ";

/// Builds, and tells all that happens.
pub(super) async fn build(engine: &BuildKit, order: &Order, mut sink: Sink, stop: &Stop) -> Outcome {
    let begun = async {
        let info = engine.info().await?;
        able(order, &info.abilities)?;
        let request = asked(order)?;
        sink.send(What::Started { engine: name(&info.name) }).await;
        let trouble = Trouble::default();
        let unreachable =
            |_| trouble.get().unwrap_or_else(|| failure("engine", "The engine does not answer"));
        send(engine, request, &trouble).await.map_err(unreachable)
    };
    let begun = tokio::select! {
        biased;
        outcome = stop.used() => return told(&mut sink, outcome).await,
        begun = begun => begun,
    };
    let mut teller = Teller::new(order);
    let outcome = match begun {
        Err(failure) if failure.code == "engine" => interrupted(failure),
        Err(failure) => failed(failure),
        Ok(response) => {
            let listened = tokio::select! {
                biased;
                outcome = stop.used() => Err(outcome),
                listened = listen(response, &mut teller, &mut sink) => Ok(listened),
            };
            match listened {
                Ok(Ok(image)) => Outcome { end: End::Succeeded, image, failure: None },
                Ok(Err(outcome)) | Err(outcome) => outcome,
            }
        }
    };
    // What runs when all ends has failed or was stopped; a failure has said so already.
    for what in teller.end(StepState::Cancelled, sink.now()) {
        sink.send(what).await;
    }
    if let Some(image) = outcome.image.as_deref()
        && let Ok(history) = engine.transport.ask(Method::GET, &format!("/images/{image}/history")).await
        && let Some(size) = teller.size(&history)
    {
        sink.send(What::Size(size)).await;
    }
    told(&mut sink, outcome).await
}

/// The engine by the name under which this builder is known.
fn name(engine: &EngineName) -> EngineName {
    EngineName { kind: "legacy".to_owned(), version: engine.version.clone(), notice: None }
}

fn able(order: &Order, abilities: &Abilities) -> Result<(), Failure> {
    if !abilities.legacy {
        return Err(failure("unable", "This engine has no builder before BuildKit"));
    }
    if !order.request.contexts.is_empty() {
        let help = "Leave them out, or build with BuildKit".to_owned();
        return Err(Failure {
            help: Some(help),
            ..failure("unable", "The legacy builder has no named contexts")
        });
    }
    Ok(())
}

fn asked(order: &Order) -> Result<Request<Full<Bytes>>, Failure> {
    let request = &order.request;
    let arguments = serde_json::to_string(&request.args).unwrap_or_default();
    // 1 is the number of this builder; BuildKit is 2.
    let mut query = format!(
        "/build?version=1&rm=1&forcerm=1&dockerfile={}&buildargs={}",
        inputs::DOCKERFILE,
        encoded(&arguments)
    );
    let mut add = |name: &str, value: &str| query.push_str(&format!("&{name}={}", encoded(value)));
    if !order.rules.network {
        add("networkmode", "none");
    }
    if request.no_cache {
        add("nocache", "1");
    }
    if let Some(target) = &request.target {
        add("target", target);
    }
    if let Some(platform) = &request.platform {
        add("platform", platform);
    }
    let body = Full::new(Bytes::from(inputs::archive(request)?));
    let asked = Request::builder().method(Method::POST).uri(query).header(HOST, "docker");
    let asked = asked.header(CONTENT_TYPE, "application/x-tar").body(body);
    asked.map_err(|_| failure("engine", "That cannot be asked"))
}

fn encoded(text: &str) -> String {
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"-_.~".contains(&it);
    text.bytes()
        .map(|it| if is_plain(it) { char::from(it).to_string() } else { format!("%{it:02X}") })
        .collect()
}

async fn send(
    engine: &BuildKit,
    request: Request<Full<Bytes>>,
    trouble: &Trouble,
) -> io::Result<Response<Incoming>> {
    let stream = TokioIo::new(engine.transport.dial(trouble).await?);
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(stream).await.map_err(io::Error::other)?;
    // Ends when the answer is not wanted any more, and the build with it.
    tokio::spawn(connection);
    sender.send_request(request).await.map_err(io::Error::other)
}

/// Tells what the engine says, to its end. Gives the image.
async fn listen(
    response: Response<Incoming>,
    teller: &mut Teller<'_>,
    sink: &mut Sink,
) -> Result<Option<String>, Outcome> {
    let status = response.status();
    let lost = || interrupted(failure("engine", "The engine's answer breaks off"));
    let mut body = response.into_body();
    if !status.is_success() {
        let said = Limited::new(body, LONGEST_ERROR).collect().await.map_err(|_| lost())?.to_bytes();
        let said: Value = serde_json::from_slice(&said).unwrap_or_default();
        return Err(failed(teller.failure(text(&said, "message").unwrap_or("The engine refuses that"))));
    }
    let mut image = None;
    let mut waiting: Vec<u8> = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| lost())?.into_data() else { continue };
        waiting.extend_from_slice(&data);
        while let Some(end) = waiting.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = waiting.drain(..=end).collect();
            let Ok(said) = serde_json::from_slice::<Value>(&line) else { continue };
            if let Some(id) = said.get("aux").and_then(|aux| text(aux, "ID")) {
                image = Some(id.to_owned());
            }
            let (whats, failure) = teller.take(&said, sink.now());
            for what in whats {
                sink.send(what).await;
            }
            if let Some(failure) = failure {
                return Err(failed(failure));
            }
        }
        if waiting.len() > LONGEST_LINE {
            return Err(lost());
        }
    }
    for what in teller.end(StepState::Done, sink.now()) {
        sink.send(what).await;
    }
    Ok(image)
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key).and_then(Value::as_str)
}

fn failed(failure: Failure) -> Outcome {
    Outcome { end: End::Failed, failure: Some(failure), image: None }
}

fn interrupted(failure: Failure) -> Outcome {
    Outcome { end: End::Interrupted, failure: Some(failure), image: None }
}

/// An instruction of the file.
#[derive(Clone, Debug)]
struct Told {
    /// `None` for an ARG above all stages.
    place: Option<Place>,
    lines: Lines,
}

/// Makes events of what the engine says.
struct Teller<'o> {
    order: &'o Order,
    instructions: Vec<Told>,
    /// The stage that is built, by its place in the file.
    target: Option<usize>,
    /// What runs now.
    step: Option<Step>,
    n_steps: u32,
    /// The container that runs: what comes was printed there.
    container: Option<String>,
    /// The bytes that it has printed, and of those the bytes left out.
    printed: (u64, u64),
    downloads: HashMap<String, u64>,
}

impl<'o> Teller<'o> {
    fn new(order: &'o Order) -> Teller<'o> {
        let request = &order.request;
        let parse = syntax::parse(&request.dockerfile);
        let graph = stages::resolve(&parse, &progress::options(request, "linux/amd64"));
        let named = |target: &str| {
            graph
                .stages
                .iter()
                .position(|stage| stage.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(target)))
        };
        let target = match &request.target {
            Some(target) => named(target),
            None => graph.stages.len().checked_sub(1),
        };
        Teller {
            order,
            instructions: instructions(&parse, &graph),
            target,
            step: None,
            n_steps: 0,
            container: None,
            printed: (0, 0),
            downloads: HashMap::new(),
        }
    }

    /// What a message comes to, and why all is over, if it is.
    fn take(&mut self, said: &Value, now: u64) -> (Vec<What>, Option<Failure>) {
        if let Some(error) =
            said.get("errorDetail").and_then(|detail| text(detail, "message")).or_else(|| text(said, "error"))
        {
            let failure = self.failure(error);
            if let Some(step) = &mut self.step {
                step.error = Some(failure.message.clone());
            }
            return (self.end(StepState::Failed, now), Some(failure));
        }
        if let Some(line) = text(said, "stream") {
            return (self.line(line, now), None);
        }
        (self.download(said), None)
    }

    fn line(&mut self, line: &str, now: u64) -> Vec<What> {
        if let Some(container) = &self.container {
            // What runs there could print the same of another one.
            let is_over =
                RAN.iter().any(|words| line.strip_prefix(words).is_some_and(|id| id.trim_end() == container));
            if !is_over {
                return self.log(line);
            }
            self.container = None;
            return Vec::new();
        }
        if let Some(number) = number(line) {
            let mut whats = self.end(StepState::Done, now);
            whats.extend(self.begin(number, line.trim_end(), now));
            return whats;
        }
        if line.starts_with(CACHED) {
            return self.end(StepState::Cached, now);
        }
        if let Some(id) = line.strip_prefix(RUNS).map(str::trim_end).filter(|id| is_id(id)) {
            self.container = Some(id.to_owned());
            return Vec::new();
        }
        let is_own = line.trim().is_empty()
            || line.strip_prefix(ARROW).is_some_and(|id| id.trim().is_empty() || is_id(id.trim()))
            || line.starts_with("Successfully built ");
        if is_own { Vec::new() } else { self.log(line) }
    }

    fn begin(&mut self, number: usize, line: &str, now: u64) -> Vec<What> {
        let told = number.checked_sub(1).and_then(|at| self.instructions.get(at));
        let place = told.and_then(|told| told.place);
        let step = Step {
            id: self.n_steps,
            name: line.to_owned(),
            places: place.into_iter().collect(),
            mapped: match (told, place) {
                (Some(_), Some(_)) => Mapped::ByName,
                (Some(_), None) => Mapped::Internal,
                (None, _) => Mapped::Unknown,
            },
            state: StepState::Running,
            started: Some(now),
            inputs: self.n_steps.checked_sub(1).into_iter().collect(),
            ..Step::default()
        };
        self.n_steps += 1;
        self.printed = (0, 0);
        self.step = Some(step.clone());
        vec![What::Step(step)]
    }

    /// Ends what runs, if anything does.
    fn end(&mut self, state: StepState, now: u64) -> Vec<What> {
        self.container = None;
        let Some(step) = self.step.take() else { return Vec::new() };
        let clipped =
            (self.printed.1 > 0).then_some(What::Clipped { step: Some(step.id), bytes: self.printed.1 });
        let step = match state {
            StepState::Cached => Step { state, started: None, ended: None, ..step },
            state => Step { state, ended: Some(now.max(step.started.unwrap_or(0))), ..step },
        };
        clipped.into_iter().chain([What::Step(step)]).collect()
    }

    fn log(&mut self, line: &str) -> Vec<What> {
        let Some(step) = &self.step else { return Vec::new() };
        let most = self.order.rules.log_bytes;
        self.printed.0 += line.len() as u64;
        if most > 0 && self.printed.0 > most {
            self.printed.1 += line.len() as u64;
            return Vec::new();
        }
        vec![What::Log { step: step.id, stream: Stream::Out, text: line.to_owned() }]
    }

    /// What is said of an image that is fetched.
    fn download(&mut self, said: &Value) -> Vec<What> {
        let (Some(step), Some(id), Some(status)) = (&self.step, text(said, "id"), text(said, "status"))
        else {
            return Vec::new();
        };
        let number =
            |key: &str| said.get("progressDetail").and_then(|it| it.get(key)).and_then(Value::as_u64);
        let Some(current) = number("current") else { return Vec::new() };
        let label = scrubbed(&format!("{status} {id}"), &self.order.request.dockerfile);
        // Each percent is enough.
        let total = number("total");
        let percent = current * 100 / total.unwrap_or(100).max(1);
        if self.downloads.insert(label.clone(), percent) == Some(percent) {
            return Vec::new();
        }
        vec![What::Progress { step: step.id, label, current, total }]
    }

    fn failure(&self, message: &str) -> Failure {
        let code = message.rsplit_once(CODE).and_then(|(_, code)| code.trim().parse::<i32>().ok());
        let at = self.n_steps.checked_sub(1).filter(|_| self.step.is_some()).map(|at| at as usize);
        let lines = at.and_then(|at| self.instructions.get(at)).map(|told| told.lines);
        let help = (code == Some(137))
            .then(|| "The process was killed, perhaps because it took too much memory".to_owned());
        let message = match code {
            Some(code) => format!("The command ended with exit code {code}"),
            // What follows is an address to read on.
            None => scrubbed(
                message.split(". Refer to").next().unwrap_or(message),
                &self.order.request.dockerfile,
            ),
        };
        let kind = match code {
            Some(_) => "exit-code",
            None if message.contains("parse error") || message.contains("unknown instruction") => "parse",
            None if message.contains("no space left on device") => "disk-full",
            None if message.contains("failed to reach build target") => "target",
            None if message.contains("pull access denied") || message.contains("manifest for") => "image",
            None if message.contains("requires BuildKit") => "unable",
            None if message.contains("not found") || message.contains("no such file") => "not-found",
            None => "failed",
        };
        Failure {
            code: kind.to_owned(),
            step: self.step.as_ref().map(|step| step.id),
            lines: lines.or_else(|| line_in(&message)),
            message,
            exit_code: code,
            help,
        }
    }

    /// How large the image has become, by its history. What is of which instruction is not told there.
    fn size(&self, history: &Value) -> Option<StageSize> {
        let layers = history.as_array()?.iter().rev().filter_map(|entry| {
            let bytes = entry.get("Size").and_then(Value::as_u64).filter(|bytes| *bytes > 0)?;
            let created_by = text(entry, "CreatedBy").unwrap_or_default();
            Some(LayerSize {
                created_by: scrubbed(created_by, &self.order.request.dockerfile),
                place: None,
                bytes,
            })
        });
        let layers: Vec<LayerSize> = layers.collect();
        let bytes = Some(layers.iter().map(|layer| layer.bytes).sum());
        Some(StageSize { stage: self.target?, bytes, download: None, layers })
    }
}

/// All instructions in the order of the file, which is the order in which this builder counts them.
fn instructions(parse: &Parse<'_>, graph: &StageGraph) -> Vec<Told> {
    let mut of_stages: HashMap<u32, usize> = HashMap::new();
    for stage in &graph.stages {
        of_stages.extend(stage.steps.iter().map(|step| (step.lines.first, stage.id.0)));
    }
    let told = |lines: Lines| Told {
        place: of_stages.get(&lines.first).map(|&stage| Place { stage, line: lines.first }),
        lines,
    };
    let lines = |lines: LineSpan| Lines { first: lines.first, last: lines.last };
    parse.instructions.iter().map(|instruction| told(lines(instruction.lines))).collect()
}

/// The number in `Step 3/9 : …`.
fn number(line: &str) -> Option<usize> {
    let (number, rest) = line.strip_prefix("Step ")?.split_once('/')?;
    let (of, _) = rest.split_once(" : ")?;
    of.parse::<usize>().ok()?;
    number.parse().ok()
}

/// Whether a word is the short name of an image or a container.
fn is_id(word: &str) -> bool {
    word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}
