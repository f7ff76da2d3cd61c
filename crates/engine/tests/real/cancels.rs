//! A build that is stopped, or that nobody waits for any more, stops.

use std::fs;
use std::time::{Duration, Instant};

use engine::buildkit::BuildKit;
use engine::{Engine, Stop, channel};
use protocol::build::{End, Failure, Outcome, StepState, What};

use crate::engine;
use crate::harness::{Built, IMAGE, build, order};

const N_CANCELS: usize = 24;

/// Whether a process with that argument runs on this machine.
pub(crate) fn runs(argument: &str) -> bool {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let has = |process: fs::DirEntry| {
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0).any(|word| word == argument.as_bytes())
    };
    processes.filter(|entry| entry.file_name().as_encoded_bytes()[0].is_ascii_digit()).any(has)
}

fn wait_for(argument: &str, is_there: bool) -> Duration {
    let start = Instant::now();
    while runs(argument) != is_there {
        assert!(start.elapsed() < Duration::from_secs(20), "sleep {argument}: {is_there} is awaited");
        std::thread::sleep(Duration::from_millis(2));
    }
    start.elapsed()
}

#[test]
fn a_build_that_is_stopped_stops_its_process() {
    let Some(engine) = engine() else { return };
    let mut gone: Vec<u64> = Vec::with_capacity(N_CANCELS);
    let mut ended: Vec<u64> = Vec::with_capacity(N_CANCELS);
    for nth in 0..N_CANCELS {
        // Every third has a process that does not listen.
        let argument = format!("{}.{nth}", 4000 + std::process::id() % 1000);
        let trap = if nth % 3 == 0 { "trap '' TERM INT HUP; " } else { "" };
        let order = order(&format!("FROM {IMAGE}\nRUN {trap}echo ready; sleep {argument}\n"));
        let stop = Stop::new();
        let stopper = std::thread::spawn({
            let stop = stop.clone();
            move || {
                wait_for(&argument, true);
                stop.cancel();
                (Instant::now(), wait_for(&argument, false))
            }
        });
        let built: Built = engine.runtime.block_on(build(&engine.engine, &order, &stop));
        let end = Instant::now();
        let (stopped, took) = stopper.join().expect("it was stopped");
        built.check();
        assert_eq!(built.outcome.end, End::Cancelled);
        let steps = built.steps();
        let step = steps.iter().find(|step| step.name.contains("sleep")).expect("a step");
        assert_eq!(step.state, StepState::Cancelled);
        gone.push(took.as_millis() as u64);
        ended.push(end.saturating_duration_since(stopped).as_millis() as u64);
    }
    let p95 = |times: &mut Vec<u64>| {
        times.sort_unstable();
        (times[times.len() / 2], times[times.len() * 95 / 100])
    };
    let (gone, ended) = (p95(&mut gone), p95(&mut ended));
    println!(
        "{N_CANCELS} cancels: the process is gone after {} ms (p95 {} ms), the build has ended after {} ms (p95 {} ms)",
        gone.0, gone.1, ended.0, ended.1
    );
    assert!(gone.1 <= 500, "p95 is {} ms", gone.1);
    assert!(ended.1 <= 2_500, "p95 is {} ms", ended.1);
}

#[test]
fn a_build_that_nobody_waits_for_stops() {
    let Some(engine) = engine() else { return };
    let argument = "4998.5";
    let order = order(&format!("FROM {IMAGE}\nRUN sleep {argument}\n"));
    let (sink, mut events) = channel(16, Instant::now(), 1);
    let stop = Stop::new();
    engine.runtime.block_on(async {
        let listen = async { while events.recv().await.is_some() {} };
        let seen = async {
            while !runs(argument) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            _ = engine.engine.build(&order, sink, &stop) => panic!("it ended"),
            () = seen => {}
            () = async { listen.await; std::future::pending().await } => {}
        }
        // The connection is closed by the runtime.
        let start = Instant::now();
        while runs(argument) {
            assert!(start.elapsed() < Duration::from_secs(5), "it still runs");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
}

#[test]
fn a_reason_to_stop_is_told() {
    let Some(engine) = engine() else { return };
    let order = order(&format!("FROM {IMAGE}\nRUN sleep 4997.5\n"));
    let stop = Stop::new();
    let outcome = Outcome {
        end: End::TimedOut,
        failure: Some(Failure {
            code: "time".to_owned(),
            message: "Too long".to_owned(),
            ..Failure::default()
        }),
        image: None,
    };
    stop.with(outcome.clone());
    stop.cancel();
    let built = engine.runtime.block_on(build(&engine.engine, &order, &stop));
    assert_eq!(built.outcome, outcome, "the first reason counts");
    assert_eq!(built.events.last().map(|event| event.what.clone()), Some(What::Finished(outcome)));
}

#[test]
fn an_engine_that_is_not_there_is_told() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for engine in [BuildKit::docker("unix:///nowhere/at/all"), BuildKit::alone("tcp://127.0.0.1:1")] {
        let engine = engine.expect("an address");
        let built = runtime.block_on(build(&engine, &order("FROM scratch\n"), &Stop::new()));
        assert_eq!((built.outcome.end, built.events.len()), (End::Interrupted, 1));
        let failure = built.outcome.failure.expect("a reason");
        assert_eq!(failure.code, "engine");
        assert!(
            !failure.message.contains("nowhere") && !failure.message.contains("127"),
            "{}",
            failure.message
        );
        assert!(runtime.block_on(engine.probe()).is_err());
    }
}

#[test]
fn who_listens_slowly_misses_nothing() {
    let Some(engine) = engine() else { return };
    let mut order = order(&format!("FROM {IMAGE}\nRUN seq 1 20000; sleep 0.3; seq 20001 20010\n"));
    order.request.no_cache = true;
    let (sink, mut events) = channel(1, Instant::now(), 1);
    let stop = Stop::new();
    let (outcome, text) = engine.runtime.block_on(async {
        let listen = async {
            let mut text = String::new();
            while let Some(event) = events.recv().await {
                tokio::time::sleep(Duration::from_millis(40)).await;
                if let What::Log { text: piece, .. } = event.what {
                    text.push_str(&piece);
                }
            }
            text
        };
        tokio::join!(engine.engine.build(&order, sink, &stop), listen)
    });
    assert_eq!(outcome.end, End::Succeeded);
    let expected: String = (1..=20010).map(|n| format!("{n}\n")).collect();
    assert!(text == expected, "{} bytes instead of {}", text.len(), expected.len());
}
