//! Many people watch one build: how late they hear, what the server needs for that, and whether anything is lost.
//!
//! `cargo run --release -p server --example watchers [WATCHERS] [EVENTS] [EVENTS A SECOND]`. Server and watchers are two
//! processes on one machine, and speak over loopback. Every watcher is cut off again and again and takes up where it was;
//! at the end each must have seen every event exactly once. Ends with 1 if one did not, or if p99 is above 100 ms, or
//! the server above 64 MB.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use engine::{Engine, Info, Order, Sink, Stop};
use protocol::build::{End, Failure, FileList, Outcome, Request, StageSize, Step, StepState, What};
use server::builds::Builds;
use server::settings::Settings;
use server::site::Site;
use server::store::Store;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

const CHILD: &str = "STAGELIGHT_WATCHERS_CHILD";
/// Bounds that a run has to hold.
const MOST_LATE: Duration = Duration::from_millis(100);
const MOST_MEMORY: u64 = 64 << 20;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|it| it.parse().ok()).collect();
    let number = |idx: usize, default| numbers.get(idx).copied().unwrap_or(default);
    let (watchers, events, rate) = (number(0, 200), number(1, 10_000), number(2, 1000));
    match std::env::var_os(CHILD) {
        Some(folder) => {
            runtime.block_on(serve(Path::new(&folder), events, rate));
            ExitCode::SUCCESS
        }
        None => runtime.block_on(watch_all(watchers, events, rate)),
    }
}

/// Tells events at a rate; each holds the time at which it was told.
struct Metronome {
    events: u64,
    rate: u64,
}

#[async_trait]
impl Engine for Metronome {
    async fn probe(&self) -> Result<Info, Failure> {
        Ok(Info::default())
    }

    async fn build(&self, _: &Order, mut sink: Sink, _: &Stop) -> Outcome {
        // Until all who watch are there.
        tokio::time::sleep(Duration::from_secs(3)).await;
        let mut ticks = tokio::time::interval(Duration::from_millis(5));
        let mut told = 0;
        while told < self.events {
            ticks.tick().await;
            for _ in 0..(self.rate / 200).clamp(1, self.events - told) {
                let id = u32::try_from(told).unwrap_or(0);
                let state = StepState::Cached;
                sink.send(What::Step(Step { id, name: micros().to_string(), state, ..Step::default() }))
                    .await;
                told += 1;
            }
        }
        Outcome { end: End::Succeeded, ..Outcome::default() }
    }

    async fn sizes(&self, _: &Order, _: &[usize]) -> Result<Vec<StageSize>, Failure> {
        Ok(Vec::new())
    }

    async fn files(&self, _: &Order, _: usize, _: usize) -> Result<FileList, Failure> {
        Err(Failure::default())
    }

    async fn archive(
        &self,
        _: &Order,
        _: usize,
        _: &str,
        _: u64,
        _: mpsc::Sender<Vec<u8>>,
    ) -> Result<(), Failure> {
        Err(Failure::default())
    }
}

/// The server, in a process of its own.
async fn serve(folder: &Path, events: u64, rate: u64) {
    let settings = Settings { streams_per_client: 100_000, streams_per_minute: 0, ..Settings::default() };
    let store = Store::open(folder).await.expect("a store");
    let engine: Arc<dyn Engine> = Arc::new(Metronome { events, rate });
    let builds = Builds::new(Some(engine), None, store, settings.building(), Vec::new());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let site = Site::new(None).expect("a page");
    let router = server::http::router(Arc::clone(&builds), site, settings, CancellationToken::new());
    let request = Request { dockerfile: "FROM scratch\n".to_owned(), ..Request::default() };
    let accepted = builds.submit("bench", request, None).await.expect("a build");
    println!("{port} {}", accepted.id);
    server::listen::serve(listener, router, std::future::pending()).await;
}

async fn watch_all(watchers: u64, events: u64, rate: u64) -> ExitCode {
    let folder = std::env::temp_dir().join(format!("stagelight-watchers-{}", std::process::id()));
    let program = std::env::current_exe().expect("a program");
    let mut child = Command::new(program)
        .args([watchers, events, rate].map(|it| it.to_string()))
        .env(CHILD, &folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("a server");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("its first line");
    let (port, id) = line.trim().split_once(' ').expect("a port and an id");
    let tasks: Vec<_> =
        (0..watchers).map(|n| tokio::spawn(watch(port.to_owned(), id.to_owned(), n))).collect();
    let mut late = Vec::new();
    let (mut wrong, mut cuts) = (0, 0);
    for task in tasks {
        let seen = task.await.expect("a watcher");
        // Waiting and starting are told too.
        let is_whole = seen.events.windows(2).all(|pair| pair[0] + 1 == pair[1])
            && seen.events.first() == Some(&1)
            && seen.n_steps == events;
        wrong += u64::from(!is_whole);
        cuts += seen.cuts;
        late.extend(seen.late);
    }
    let peak = peak(child.id());
    child.kill().ok();
    child.wait().ok();
    std::fs::remove_dir_all(&folder).ok();
    late.sort_unstable();
    let at = |share: f64| late[((late.len() - 1) as f64 * share) as usize] as f64 / 1000.0;
    println!(
        "{watchers} watchers, {events} events at {rate}/s, {} deliveries, {cuts} times cut off and taken up",
        late.len()
    );
    println!(
        "late: p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, most {:.1} ms",
        at(0.5),
        at(0.95),
        at(0.99),
        at(1.0)
    );
    println!("memory of the server at most: {:.1} MB", peak as f64 / 1e6);
    println!("watchers that lost something or saw it twice: {wrong}");
    let holds = wrong == 0 && at(0.99) < MOST_LATE.as_secs_f64() * 1000.0 && peak < MOST_MEMORY;
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[derive(Default)]
struct Seen {
    events: Vec<u64>,
    n_steps: u64,
    late: Vec<u64>,
    cuts: u64,
}

/// Watches to the end; each time after another number of events it hangs up and comes back.
async fn watch(port: String, id: String, n: u64) -> Seen {
    let mut seen = Seen::default();
    loop {
        let after = seen.events.last().copied().unwrap_or(0);
        let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).await.expect("a connection");
        let ask = format!(
            "GET /api/v1/builds/{id}/events HTTP/1.1\r\nhost: localhost\r\nlast-event-id: {after}\r\n\r\n"
        );
        stream.write_all(ask.as_bytes()).await.expect("a question");
        let mut reader = tokio::io::BufReader::with_capacity(64 << 10, stream);
        let mut line = String::new();
        // After one to three seconds, differing from watcher to watcher.
        let until = after + 1000 + (n * 37 + seen.cuts * 511) % 2000;
        while let Ok(1..) = {
            line.clear();
            reader.read_line(&mut line).await
        } {
            let Some(json) = line.strip_prefix("data: ") else { continue };
            // By hand: a thousand watchers who read all of it would keep the machine busier than the server does.
            let seq = number(json, "\"seq\":").expect("a number");
            seen.events.push(seq);
            if json.contains("\"event\":\"step\"") {
                seen.n_steps += 1;
                seen.late.push(micros().saturating_sub(number(json, "\"name\":\"").expect("a time")));
            } else if json.contains("\"event\":\"finished\"") {
                return seen;
            }
            if seq >= until {
                seen.cuts += 1;
                break;
            }
        }
    }
}

/// The number behind a text.
fn number(json: &str, behind: &str) -> Option<u64> {
    let (_, rest) = json.split_once(behind)?;
    rest.split(|it: char| !it.is_ascii_digit()).next()?.parse().ok()
}

fn micros() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_micros()).unwrap_or(0)
}

/// The most bytes that a process has had in memory; 0 where nobody says.
fn peak(process: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|it| it.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()).unwrap_or(0) * 1024
}
