//! Builds that take all they can get, each with an ordinary one beside it and another one afterwards.
//!
//! The engine is bounded from outside as docs/server.md says (`xtask/src/bounds.rs`); an attack on what could not be
//! bounded here is left out, and a line says so.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protocol::build::{End, Event, InputFile, Outcome, Request, What};
use server::disk::Disk;
use server::settings::Settings;

use crate::harness::IMAGE;
use crate::served::{Served, ask};
use crate::{TURN, engine};

/// So long a build may take here.
const SECONDS: u64 = 6;
/// So much can be written before the reserve is reached.
const WRITABLE: u64 = 300 << 20;
/// Asking how the server is takes no longer, even while it is attacked and the machine has other work. What is printed
/// is far less.
const MOST_LATE: Duration = Duration::from_millis(250);

struct Attack {
    name: &'static str,
    /// What it has to be kept from by the engine's surroundings.
    bound: Option<&'static str>,
    request: Request,
    /// What a neighbour may fail of, since BuildKit does not keep builds apart in that; it is built again then.
    spills: &'static str,
    /// Whether it ended as it should.
    is_right: fn(&Outcome, &str) -> bool,
}

#[test]
fn neighbours_do_not_suffer() {
    let _turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let Some(harness) = engine() else { return };
    if harness.is_before(23, "neighbours") {
        return;
    }
    let bounds = std::env::var("STAGELIGHT_BOUNDS").unwrap_or_default();
    let info = harness.runtime.block_on(engine::Engine::probe(&harness.engine)).unwrap();
    let free = Disk::new(info.folders.clone(), None).unwrap().room().unwrap().free;
    let is_own = bounds.contains("disk");
    let disk = is_own.then(|| Disk::new(info.folders, Some(free.saturating_sub(WRITABLE))).unwrap());
    let settings = Settings {
        seconds: SECONDS,
        builds: 3,
        builds_per_client: 3,
        builds_per_minute: 0,
        streams_per_minute: 0,
        images: Some(vec!["example.org/stagelight/*".to_owned()]),
        ..Settings::default()
    };
    let served = Served::start(settings, disk);
    let trap = Trap::set();
    println!(
        "{:<26} {:<22} {:>8} {:>9} {:>12} {:>11} {:>11}",
        "attack", "how it ended", "after ms", "contacts", "neighbour ms", "health p99", "afterwards"
    );
    let start = Instant::now();
    for attack in attacks(trap.port) {
        if let Some(bound) = attack.bound.filter(|bound| !bounds.contains(bound)) {
            println!("{:<26} is not tried: the engine's {bound} could not be bounded here", attack.name);
            continue;
        }
        trial(&served, &trap, &attack);
    }
    for dockerfile in fetching(trap.port) {
        let request = of(&dockerfile);
        let (status, body) = served.ask("POST", "/api/v1/builds", &serde_json::to_string(&request).unwrap());
        assert_eq!(status, 422, "{dockerfile}: {body}");
    }
    assert_eq!(trap.n(), 0);
    println!("{} ways of fetching were refused, {} contacts", fetching(0).len(), trap.n());
    let room = served.health().disk;
    assert!(!room.is_some_and(|room| room.short || room.free < room.reserve), "{room:?}");
    println!("All that took {:.1} s", start.elapsed().as_secs_f64());
}

fn trial(served: &Served, trap: &Trap, attack: &Attack) {
    let asking = Asking::start(served);
    let begun = Instant::now();
    let (outcome, printed, after, neighbour) = thread::scope(|scope| {
        let attacking = scope.spawn(|| {
            let (outcome, events) = served.build(&attack.request);
            (outcome, printed(&events), begun.elapsed())
        });
        // By then the attack is under way.
        thread::sleep(Duration::from_millis(300));
        let neighbour = neighbour(served, attack);
        let (outcome, printed, after) = attacking.join().unwrap();
        (outcome, printed, after, neighbour)
    });
    let p99 = asking.p99();
    let neighbour =
        neighbour.unwrap_or_else(|| succeeding(served, &format!("{} beside, again", attack.name)));
    let afterwards = succeeding(served, &format!("{} afterwards", attack.name));
    let code = outcome.failure.as_ref().map_or("", |failure| failure.code.as_str());
    println!(
        "{:<26} {:<22} {:>8} {:>9} {:>12} {:>8.1} ms {:>8} ms",
        attack.name,
        format!("{:?} {code}", outcome.end),
        after.as_millis(),
        trap.n(),
        neighbour.as_millis(),
        p99.as_secs_f64() * 1000.0,
        afterwards.as_millis()
    );
    assert!((attack.is_right)(&outcome, &printed), "{}: {outcome:?}\n{printed:.2000}", attack.name);
    assert!(p99 < MOST_LATE, "{}: {p99:?}", attack.name);
    if outcome.end == End::TimedOut {
        assert!(after < Duration::from_secs(SECONDS + 1), "{}: {after:?}", attack.name);
    }
}

/// An ordinary build beside an attack.
fn neighbour(served: &Served, attack: &Attack) -> Option<Duration> {
    let name = format!("{} beside", attack.name);
    let (outcome, printed, time) = ordinary(served, &name);
    if outcome.end == End::Failed && code(&outcome) == attack.spills {
        println!("{name}: failed of {} after {} ms", attack.spills, time.as_millis());
        return None;
    }
    assert_eq!(outcome.end, End::Succeeded, "{name}: {outcome:?}");
    assert!(printed.contains(&name), "{name}");
    Some(time)
}

/// A build like any other, which succeeds.
fn succeeding(served: &Served, name: &str) -> Duration {
    let (outcome, printed, time) = ordinary(served, name);
    assert_eq!(outcome.end, End::Succeeded, "{name}: {outcome:?}");
    assert!(printed.contains(name), "{name}");
    time
}

fn ordinary(served: &Served, name: &str) -> (Outcome, String, Duration) {
    let start = Instant::now();
    let dockerfile = format!(
        "FROM {IMAGE} AS made\nRUN echo {name} > /a\nFROM {IMAGE}\nCOPY --from=made /a /b\nRUN cat /b\n"
    );
    let (outcome, events) = served.build(&Request { no_cache: true, ..of(&dockerfile) });
    (outcome, printed(&events), start.elapsed())
}

fn attacks(port: u16) -> Vec<Attack> {
    let run = |command: &str| Request { no_cache: true, ..of(&format!("FROM {IMAGE}\nRUN {command}\n")) };
    let attack = |name, bound, request, is_right| Attack { name, bound, request, spills: "", is_right };
    let bomb = InputFile { path: "bomb.tar".to_owned(), base64: Some(tar_bomb()), ..InputFile::default() };
    let tar = Request {
        files: vec![bomb],
        no_cache: true,
        ..of(&format!("FROM {IMAGE}\nADD bomb.tar /\nRUN echo unpacked\n"))
    };
    let is_full: fn(&Outcome, &str) -> bool = |outcome, _| code(outcome) == "disk-full";
    let is_late: fn(&Outcome, &str) -> bool = |outcome, _| outcome.end == End::TimedOut;
    let is_made: fn(&Outcome, &str) -> bool = |outcome, _| outcome.end == End::Succeeded;
    vec![
        // The number of processes is that of all builds together.
        Attack {
            spills: "exit-code",
            ..attack("fork bomb", Some("processes"), run("b() { b | b & b; }; b"), |outcome, printed| {
                outcome.end != End::Succeeded && (outcome.end == End::TimedOut || printed.contains("fork"))
            })
        },
        attack(
            "300 MB of memory",
            Some("memory"),
            run("busybox dd if=/dev/zero of=/dev/null bs=300M count=1 && echo all-taken"),
            |outcome, printed| {
                outcome.end == End::Failed
                    && !printed.contains("all-taken\n")
                    && outcome
                        .failure
                        .as_ref()
                        .is_some_and(|it| it.exit_code == Some(137) && it.help.is_some())
            },
        ),
        attack("busy on all processors", None, run("while :; do :; done & while :; do :; done"), is_late),
        attack(
            "3 GB to the disk",
            Some("disk"),
            run("busybox dd if=/dev/zero of=/x bs=1M count=3000"),
            is_full,
        ),
        attack(
            "files without end",
            Some("disk"),
            run("mkdir /d; i=0; while :; do : > /d/$i; i=$((i+1)); done"),
            is_full,
        ),
        Attack { spills: "disk-full", ..attack("a tar that unpacks to 3 GB", Some("disk"), tar, is_full) },
        attack(
            "a file with a hole of 1 TB",
            Some("disk"),
            run("busybox dd if=/dev/zero of=/x bs=1 count=1 seek=1000000000000; ls -l /x"),
            is_made,
        ),
        attack("yes", None, run("yes"), is_late),
        attack("a line of 100 MB", None, run("yes | busybox tr -d '\\n' | head -c 100000000"), is_made),
        attack(
            "no text at all",
            None,
            run("head -c 3000000 /dev/urandom; head -c 1000000 /dev/zero"),
            is_made,
        ),
        attack(
            "asking this machine",
            None,
            run(&format!("for i in 1 2 3; do wget -q -T 1 -O - http://127.0.0.1:{port}/; done; true")),
            is_made,
        ),
    ]
}

fn fetching(port: u16) -> Vec<String> {
    let host = format!("127.0.0.1:{port}");
    vec![
        format!("FROM {IMAGE}\nADD http://{host}/x /x\n"),
        format!("FROM {IMAGE}\nADD git@{host}:x/y.git /x\n"),
        format!("FROM {host}/x/y:1\n"),
        format!("ARG X={host}/x/y:1\nFROM $X\n"),
        format!("FROM {IMAGE}\nCOPY --from={host}/x/y:1 /x /x\n"),
        format!("FROM {IMAGE}\nRUN --mount=from={host}/x/y:1,target=/x true\n"),
        format!("# syntax={host}/x/y:1\nFROM {IMAGE}\n"),
        format!("FROM {IMAGE}\nRUN --network=host wget http://{host}/\n"),
    ]
}

fn of(dockerfile: &str) -> Request {
    Request { dockerfile: dockerfile.to_owned(), ..Request::default() }
}

fn code(outcome: &Outcome) -> &str {
    outcome.failure.as_ref().map_or("", |failure| &failure.code)
}

fn printed(events: &[Event]) -> String {
    let texts = events.iter().filter_map(|event| match &event.what {
        What::Log { text, .. } => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

/// A small archive of a file with a hole; who unpacks it writes the hole out.
fn tar_bomb() -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bomb-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::File::create(folder.join("big")).unwrap().set_len(3 << 30).unwrap();
    let archive = Command::new("tar")
        .args(["--sparse", "--format=posix", "-cf", "-", "-C"])
        .arg(&folder)
        .arg("big")
        .output();
    std::fs::remove_dir_all(&folder).ok();
    let archive = archive.unwrap().stdout;
    assert!(archive.len() < 1 << 20, "tar makes no use of the hole");
    STANDARD.encode(archive)
}

/// Asks the server again and again how it is.
struct Asking {
    ends: Arc<AtomicBool>,
    thread: thread::JoinHandle<Vec<Duration>>,
}

impl Asking {
    fn start(served: &Served) -> Asking {
        let (ends, address) = (Arc::new(AtomicBool::new(false)), served.address);
        let told = Arc::clone(&ends);
        let thread = thread::spawn(move || {
            let mut times = Vec::new();
            while !told.load(Ordering::SeqCst) {
                let start = Instant::now();
                assert_eq!(ask(address, "GET", "/api/health", "").0, 200);
                times.push(start.elapsed());
                thread::sleep(Duration::from_millis(5));
            }
            times
        });
        Asking { ends, thread }
    }

    fn p99(self) -> Duration {
        self.ends.store(true, Ordering::SeqCst);
        let mut times = self.thread.join().unwrap();
        times.sort();
        times[times.len() * 99 / 100]
    }
}

/// Counts who comes to this machine.
struct Trap {
    port: u16,
    n: Arc<AtomicUsize>,
}

impl Trap {
    fn set() -> Trap {
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let n = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&n);
        thread::spawn(move || {
            while listener.accept().is_ok() {
                count.fetch_add(1, Ordering::SeqCst);
            }
        });
        Trap { port, n }
    }

    fn n(&self) -> usize {
        self.n.load(Ordering::SeqCst)
    }
}
