//! BuildKit by itself, and one that goes away or falls silent: the engine's own, behind a door that only hands bytes on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::buildkit::BuildKit;
use engine::{Engine, Stop};
use protocol::build::{End, StepState};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::watch;

use crate::engine;
use crate::harness::{IMAGE, build, order};

/// What the door does with the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Open,
    /// Nothing comes through, but the connections stay.
    Silent,
    /// The connections are cut.
    Shut,
}

/// A door to the BuildKit of the Docker engine, and the address in front of it.
async fn door() -> (Arc<watch::Sender<Door>>, String) {
    let docker = std::env::var("DOCKER_HOST").expect("an address").replace("unix://", "");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("tcp://{}", listener.local_addr().expect("an address"));
    let door = Arc::new(watch::Sender::new(Door::Open));
    let state = door.clone();
    tokio::spawn(async move {
        while let Ok((mut inside, _)) = listener.accept().await {
            let (docker, mut state) = (docker.clone(), state.subscribe());
            tokio::spawn(async move {
                let mut outside = UnixStream::connect(docker).await.expect("the engine");
                let ask =
                    b"POST /grpc HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
                outside.write_all(ask).await.expect("it can be asked");
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(outside.read_u8().await.expect("an answer"));
                }
                tokio::select! {
                    _ = copy_bidirectional(&mut inside, &mut outside) => return,
                    _ = state.wait_for(|door| *door != Door::Open) => {}
                }
                // The connections stay as long as the door is silent.
                state.wait_for(|door| *door == Door::Shut).await.ok();
            });
        }
    });
    (door, address)
}

#[test]
fn buildkit_builds_by_itself() {
    let Some(harness) = engine() else { return };
    if harness.is_before(23, "BuildKit by itself") {
        return;
    }
    harness.runtime.block_on(async {
        let (_door, address) = door().await;
        let engine = BuildKit::alone(&address).expect("an address");
        let info = engine.probe().await.expect("it says what it is");
        assert_eq!((info.name.kind.as_str(), info.abilities.sizes), ("buildkit", true));
        assert!(info.platform.starts_with("linux/"), "{}", info.platform);
        let order =
            order(&format!("FROM {IMAGE} AS a\nRUN echo by itself > /b\nFROM scratch\nCOPY --from=a /b /\n"));
        let built = build(&engine, &order, &Stop::new()).await;
        built.check();
        assert_eq!(built.outcome.end, End::Succeeded, "{:?}", built.outcome);
        let list = engine.files(&order, 1, 10).await.expect("a list");
        assert_eq!(list.entries.iter().map(|entry| entry.path.as_str()).collect::<Vec<_>>(), ["/b"]);
        let sizes = engine.sizes(&order, &[0, 1]).await.expect("sizes");
        // "by itself" and the end of its line; below it the base image.
        assert_eq!((sizes[1].stage, sizes[1].bytes, sizes[1].layers.len()), (1, Some(10), 0));
        assert!(sizes[0].bytes > Some(500_000), "{sizes:?}");
    });
}

/// Builds something that takes long, and does something to the door or the build when it runs.
fn interfere(
    sleep: &str,
    with: impl Fn(&watch::Sender<Door>, &Stop),
) -> Option<(crate::harness::Built, Duration)> {
    let harness = engine()?;
    if harness.is_before(23, "an engine that goes away") {
        return None;
    }
    let done = harness.runtime.block_on(async {
        let (door, address) = door().await;
        let engine = BuildKit::alone(&address).expect("an address");
        let order = order(&format!("FROM {IMAGE}\nRUN echo it runs; sleep {sleep}\n"));
        let stop = Stop::new();
        let interfering = async {
            while !crate::cancels::runs(sleep) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            // What it has printed has been told by then.
            tokio::time::sleep(Duration::from_secs(1)).await;
            with(&door, &stop);
            Instant::now()
        };
        let (built, since) = tokio::join!(build(&engine, &order, &stop), interfering);
        let took = since.elapsed();
        door.send_replace(Door::Shut);
        while crate::cancels::runs(sleep) {
            assert!(since.elapsed() < Duration::from_secs(10), "it still runs");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        (built, took)
    });
    Some(done)
}

#[test]
fn an_engine_that_goes_away_interrupts_the_build() {
    let shut = |door: &watch::Sender<Door>, _: &Stop| {
        door.send_replace(Door::Shut);
    };
    let Some((built, took)) = interfere("4996.5", shut) else { return };
    assert_eq!(built.outcome.end, End::Interrupted, "{:?}", built.outcome);
    assert_eq!(built.outcome.failure.as_ref().map(|failure| failure.code.as_str()), Some("engine"));
    assert_eq!(built.step("sleep 4996.5").state, StepState::Cancelled);
    assert_eq!(built.log(), "it runs\n");
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn a_build_on_a_silent_engine_can_be_stopped() {
    let silence = |door: &watch::Sender<Door>, stop: &Stop| {
        door.send_replace(Door::Silent);
        stop.cancel();
    };
    let Some((built, took)) = interfere("4995.5", silence) else { return };
    built.check();
    assert_eq!(built.outcome.end, End::Cancelled);
    assert_eq!(built.step("sleep 4995.5").state, StepState::Cancelled);
    assert!(took < Duration::from_secs(5), "{took:?}");
}
