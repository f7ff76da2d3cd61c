//! Builds that try what they must not: whether an engine is fit for strangers is seen, not believed.
//!
//! What counts is the effect: a connection that arrives here, a file that another build sees. They do not go through
//! `policy`, since it is the engine's own walls that are looked at. An engine that cannot make them, for want of the
//! image, is not fit either.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use engine::{Engine, Order, Rules, Stop, channel};
use protocol::build::{Canary, End, Outcome, Request, What};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::disk::Disk;

/// So long each may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// A connection may be a little late.
const LATE: Duration = Duration::from_millis(300);
/// The right to do almost anything to the machine, as a bit of what a process is capable of.
const SYS_ADMIN: u32 = 21;

/// So much memory is asked for, or three fourths of what the machine has left if that is less.
const MEMORY: u64 = 2 << 30;
/// A build that fills the disk is stopped when it has written so much, and may write this much more if it is not.
const TO_WRITE: u64 = 128 << 20;
const NOT_STOPPED: u64 = 512 << 20;
/// So long an engine may take to give room back, first by itself, then when it is asked to.
const SETTLE: Duration = Duration::from_secs(5);
/// How often the disk is looked at.
const TICK: Duration = Duration::from_millis(20);

/// Makes them all. `disk` is the engine's, and `data` where the server keeps its own things.
pub async fn run(engine: &dyn Engine, image: &str, disk: Option<&Disk>, data: Option<&Path>) -> Vec<Canary> {
    let info = match timeout(PATIENCE, engine.probe()).await {
        Ok(Ok(info)) => info,
        Ok(Err(failure)) => return vec![canary("engine", false, failure.message)],
        Err(_) => return vec![canary("engine", false, "It does not answer".to_owned())],
    };
    let trap = match Trap::set().await {
        Ok(trap) => trap,
        Err(why) => return vec![canary("trap", false, why)],
    };
    let (port, here) = (trap.port, address());
    let fetch =
        format!("wget -q -T 2 -O - http://127.0.0.1:{port}/; wget -q -T 2 -O - http://{here}:{port}/; true");
    let test = Test { engine, trap: &trap, image };
    let mut all = vec![canary(
        "can be told which sources may be fetched",
        info.abilities.source_policy,
        format!("{} {}", info.name.kind, info.name.version),
    )];
    let add = format!("FROM scratch\nADD http://127.0.0.1:{port}/a /a\nADD http://{here}:{port}/b /b\n");
    all.push(test.silent("ADD fetches nothing", add, false).await);
    let from = format!("FROM 127.0.0.1:{port}/canary:1\n");
    all.push(test.silent("FROM fetches no image that is not allowed", from, false).await);
    let copy = format!("FROM scratch\nCOPY --from={here}:{port}/canary:1 / /\n");
    all.push(test.silent("COPY --from fetches no image that is not allowed", copy, false).await);
    let syntax = format!("# syntax=127.0.0.1:{port}/canary:1\nFROM scratch\nCOPY a /a\n");
    all.push(test.silent("no frontend is fetched", syntax, false).await);
    let run = format!("FROM {image}\nRUN {fetch}\n");
    all.push(test.silent("RUN does not reach this machine", run, true).await);
    let host = format!("FROM {image}\nRUN --network=host {fetch}\n");
    all.push(test.silent("RUN does not get this machine's network", host, false).await);
    all.push(test.insecure().await);
    all.push(test.capabilities().await);
    all.push(test.caches().await);
    all.push(test.processes().await);
    all.push(test.memory().await);
    all.push(test.disk(disk).await);
    all.extend(disk.map(|disk| own(disk, data)));
    all
}

/// Whether nobody else runs out of room with the engine. It is told, and not required: the reserve is everybody's.
fn own(disk: &Disk, data: Option<&Path>) -> Canary {
    let shared: Vec<_> =
        [Some(Path::new("/")), data].into_iter().flatten().filter(|it| disk.is_of(it)).collect();
    let detail = match shared.first() {
        None => "It is".to_owned(),
        Some(folder) => format!("{} is on it too", folder.display()),
    };
    let name = "the engine's disk is its own";
    Canary { required: false, ..canary(name, shared.is_empty(), detail) }
}

struct Test<'a> {
    engine: &'a dyn Engine,
    trap: &'a Trap,
    image: &'a str,
}

impl Test<'_> {
    /// Whether nobody came; for one that has to run, also whether it did.
    async fn silent(&self, name: &str, dockerfile: String, has_to_run: bool) -> Canary {
        let before = self.trap.n();
        let (outcome, _) = self.build(dockerfile, "canary").await;
        sleep(LATE).await;
        let n = self.trap.n() - before;
        let has_run = outcome.end == End::Succeeded;
        let passed = n == 0 && (has_run || !has_to_run);
        let detail = match (n, has_run || !has_to_run) {
            (0, true) => "No connection came".to_owned(),
            (0, false) => format!("It could not be tried: {}", said(&outcome)),
            (n, _) => format!("{n} connections came"),
        };
        canary(name, passed, detail)
    }

    async fn insecure(&self) -> Canary {
        let dockerfile = format!("FROM {}\nRUN --security=insecure echo it-runs\n", self.image);
        let (outcome, printed) = self.build(dockerfile, "canary").await;
        let passed = outcome.end != End::Succeeded && !printed.contains("it-runs");
        canary("RUN does not get all rights", passed, said(&outcome))
    }

    async fn capabilities(&self) -> Canary {
        let name = "RUN has no rights over the machine";
        let dockerfile = format!("FROM {}\nRUN cat /proc/self/status\n", self.image);
        let (outcome, printed) = self.build(dockerfile, "canary").await;
        let mask = printed.split_whitespace().skip_while(|it| *it != "CapEff:").nth(1);
        match mask.and_then(|it| u64::from_str_radix(it, 16).ok()) {
            Some(mask) => {
                canary(name, mask >> SYS_ADMIN & 1 == 0, format!("Its capabilities are {mask:016x}"))
            }
            None => canary(name, false, format!("It could not be tried: {}", said(&outcome))),
        }
    }

    async fn caches(&self) -> Canary {
        let name = "caches of others are not seen";
        let mount = "RUN --mount=type=cache,target=/c";
        let write = format!("FROM {}\n{mount} echo mine > /c/marker\n", self.image);
        let (written, _) = self.build(write, "canary-a").await;
        if written.end != End::Succeeded {
            return canary(name, false, format!("It could not be tried: {}", said(&written)));
        }
        let read = format!("FROM {}\n{mount} test ! -e /c/marker\n", self.image);
        let (read, _) = self.build(read, "canary-b").await;
        canary(name, read.end == End::Succeeded, said(&read))
    }

    async fn processes(&self) -> Canary {
        let name = "RUN cannot start processes without end";
        let dockerfile = format!(
            "FROM {}\nRUN echo begun; i=0; while [ $i -lt 3000 ]; do sleep 15 & i=$((i+1)); done; echo all-forked\n",
            self.image
        );
        let (outcome, printed) = self.build(dockerfile, "canary").await;
        let passed = printed.contains("begun") && !printed.contains("all-forked");
        let detail = if printed.contains("all-forked") { "3000 ran".to_owned() } else { said(&outcome) };
        canary(name, passed, detail)
    }

    async fn memory(&self) -> Canary {
        let name = "RUN cannot take memory without end";
        let bytes = available().map_or(MEMORY, |available| MEMORY.min(available / 4 * 3));
        let mib = bytes >> 20;
        // What is read in one piece has to be in memory.
        let dockerfile = format!(
            "FROM {}\nRUN echo begun; dd if=/dev/zero of=/dev/null bs={mib}M count=1 && echo all-taken\n",
            self.image
        );
        let (outcome, printed) = self.build(dockerfile, "canary").await;
        let is_taken = printed.contains("all-taken");
        let is_missing = printed.contains("not found");
        let detail = match (is_taken, is_missing) {
            (true, _) => format!("It took {mib} MiB"),
            (false, true) => "It could not be tried: the image has no dd".to_owned(),
            (false, false) => format!("Of {mib} MiB it was kept: {}", said(&outcome)),
        };
        canary(name, printed.contains("begun") && !is_taken && !is_missing, detail)
    }

    /// With a reserve just below what is free, so that not much is written: whether that is seen on the disk that is
    /// looked at, whether the build is stopped, whether the room comes back, and whether the next build works.
    async fn disk(&self, disk: Option<&Disk>) -> Canary {
        let name = "a build that fills the disk is stopped, and the next one works";
        let before = disk.and_then(|disk| Some((disk, disk.room()?)));
        let Some((disk, before)) = before else {
            let detail = "Nobody knows where the engine's disk is: name a folder on it, as engine-disk";
            return canary(name, false, detail.to_owned());
        };
        if before.free < before.enough() + TO_WRITE + NOT_STOPPED {
            let detail =
                format!("Only {} MiB are free, and {} have to be", before.free >> 20, before.reserve >> 20);
            return canary(name, false, detail);
        }
        let mark = before.free - TO_WRITE;
        let mib = (TO_WRITE + NOT_STOPPED) >> 20;
        let dockerfile =
            format!("FROM {}\nRUN dd if=/dev/zero of=/x bs=1M count={mib} && sleep 3\n", self.image);
        let stop = Stop::new();
        let free = || disk.room().map_or(0, |room| room.free);
        let watching = async {
            while free() >= mark {
                sleep(TICK).await;
            }
            stop.cancel();
        };
        let building = self.build_until(dockerfile, "canary", &stop);
        tokio::pin!(building);
        let (outcome, _) = tokio::select! {
            built = &mut building => built,
            () = watching => building.await,
        };
        if !stop.is_used() {
            let detail = format!("{mib} MiB were written, and nothing of that was seen: {}", said(&outcome));
            return canary(name, false, detail);
        }
        let start = Instant::now();
        while free() < mark && start.elapsed() < 2 * SETTLE {
            if start.elapsed() > SETTLE {
                timeout(SETTLE, self.engine.prune(Some(before.free))).await.ok();
            }
            sleep(TICK).await;
        }
        if free() < mark {
            return canary(name, false, "It was stopped, and the room did not come back".to_owned());
        }
        let dockerfile = format!("FROM {}\nRUN echo it-runs\n", self.image);
        let (outcome, printed) = self.build(dockerfile, "canary").await;
        let detail = format!("The room was there again after {} ms", start.elapsed().as_millis());
        match printed.contains("it-runs") {
            true => canary(name, true, detail),
            false => canary(name, false, format!("The next build: {}", said(&outcome))),
        }
    }

    /// Builds, and gives what was printed.
    async fn build(&self, dockerfile: String, namespace: &str) -> (Outcome, String) {
        self.build_until(dockerfile, namespace, &Stop::new()).await
    }

    async fn build_until(&self, dockerfile: String, namespace: &str, stop: &Stop) -> (Outcome, String) {
        let rules = Rules {
            images: Some(vec![self.image.to_owned()]),
            cache_namespace: namespace.to_owned(),
            ..Rules::default()
        };
        let order = Order { request: Request { dockerfile, no_cache: true, ..Request::default() }, rules };
        let (sink, mut events) = channel(64, Instant::now(), 1);
        let listen = async {
            let mut printed = String::new();
            while let Some(event) = events.recv().await {
                if let What::Log { text, .. } = event.what {
                    printed.push_str(&text);
                }
            }
            printed
        };
        let building = async {
            tokio::select! {
                outcome = self.engine.build(&order, sink, stop) => outcome,
                () = async { sleep(PATIENCE).await; stop.cancel(); sleep(PATIENCE).await } => Outcome::default(),
            }
        };
        tokio::join!(building, listen)
    }
}

/// Counts who comes.
struct Trap {
    port: u16,
    n: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Trap {
    async fn set() -> Result<Trap, String> {
        let said = |error: std::io::Error| format!("There is no port to listen on: {error}");
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await.map_err(said)?;
        let port = listener.local_addr().map_err(said)?.port();
        let n = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&n);
        let task = tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        Ok(Trap { port, n, task })
    }

    fn n(&self) -> usize {
        self.n.load(Ordering::SeqCst)
    }
}

impl Drop for Trap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An address of this machine that others could reach it by. Nothing is sent for that.
fn address() -> IpAddr {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0));
    let found = socket.and_then(|socket| {
        // Of those that are for documentation.
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
        socket.local_addr()
    });
    found.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |it| it.ip())
}

/// Bytes of memory that this machine has left, where it says so.
fn available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|it| it * 1024)
}

fn said(outcome: &Outcome) -> String {
    match &outcome.failure {
        Some(failure) => failure.message.lines().next().unwrap_or_default().chars().take(200).collect(),
        None => format!("It {}", if outcome.end == End::Succeeded { "succeeded" } else { "was stopped" }),
    }
}

fn canary(name: &str, passed: bool, detail: String) -> Canary {
    Canary { name: name.to_owned(), passed, required: true, detail }
}
