//! Builds that try what they must not: whether an engine is fit for strangers is seen, not believed.
//!
//! What counts is the effect: a connection that arrives here, a file that another build sees. They do not go through
//! `policy`, since it is the engine's own walls that are looked at. An engine that cannot make them, for want of the
//! image, is not fit either.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use engine::{Engine, Order, Rules, Stop, channel};
use protocol::build::{Canary, End, Outcome, Request, What};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// So long each may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// A connection may be a little late.
const LATE: Duration = Duration::from_millis(300);
/// The right to do almost anything to the machine, as a bit of what a process is capable of.
const SYS_ADMIN: u32 = 21;

/// Makes them all.
pub async fn run(engine: &dyn Engine, image: &str) -> Vec<Canary> {
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
    all
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

    /// Builds, and gives what was printed.
    async fn build(&self, dockerfile: String, namespace: &str) -> (Outcome, String) {
        let rules = Rules {
            images: Some(vec![self.image.to_owned()]),
            cache_namespace: namespace.to_owned(),
            ..Rules::default()
        };
        let order = Order { request: Request { dockerfile, no_cache: true, ..Request::default() }, rules };
        let (sink, mut events) = channel(64, Instant::now(), 1);
        let stop = Stop::new();
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
                outcome = self.engine.build(&order, sink, &stop) => outcome,
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

fn said(outcome: &Outcome) -> String {
    match &outcome.failure {
        Some(failure) => failure.message.lines().next().unwrap_or_default().chars().take(200).collect(),
        None => format!("It {}", if outcome.end == End::Succeeded { "succeeded" } else { "was stopped" }),
    }
}

fn canary(name: &str, passed: bool, detail: String) -> Canary {
    Canary { name: name.to_owned(), passed, required: true, detail }
}
