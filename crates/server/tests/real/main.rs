//! The server on a real engine: whether that keeps its walls, and a build's way through all of it.
//!
//! Runs where `cargo xtask engine` has started an engine; else each test says that it does not.

#[path = "../../../engine/tests/real/harness.rs"]
mod harness;

mod attacks;
mod served;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use engine::Engine;
use harness::{Harness, IMAGE};
use protocol::build::{End, InputFile, Request};
use server::builds::Builds;
use server::disk::Disk;
use server::settings::Settings;
use server::store::Store;
use server::{ids, self_test};

/// What the engine has to be kept from by its surroundings, and what those can bound here.
const FROM_OUTSIDE: [(&str, &str); 3] = [
    ("RUN cannot start processes without end", "processes"),
    ("RUN cannot take memory without end", "memory"),
    ("the engine's disk is its own", "disk"),
];

/// One at a time: each looks at what the machine does.
static TURN: Mutex<()> = Mutex::new(());

fn engine() -> Option<Harness> {
    let harness = Harness::of_environment();
    if harness.is_none() {
        println!("No server builds on an engine: cargo xtask engine does that.");
    }
    harness
}

#[test]
fn an_engine_keeps_strangers_within_its_walls() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(harness) = engine() else { return };
    let start = Instant::now();
    let bounds = std::env::var("STAGELIGHT_BOUNDS").unwrap_or_default();
    let canaries = harness.runtime.block_on(async {
        let folders = harness.engine.probe().await.unwrap().folders;
        let disk = Disk::new(folders, Some(1 << 20)).unwrap();
        self_test::run(&harness.engine, IMAGE, Some(&disk), None).await
    });
    for canary in &canaries {
        println!("{:<65} {:<6} {}", canary.name, if canary.passed { "holds" } else { "fell" }, canary.detail);
    }
    println!("{} canaries in {:.1} s", canaries.len(), start.elapsed().as_secs_f64());
    assert_eq!(canaries.len(), 14);
    if harness.is_before(23, "its walls") {
        assert!(canaries.iter().any(|it| !it.passed), "an old engine is not for the public");
        return;
    }
    let is_bounded =
        |name: &str| FROM_OUTSIDE.iter().all(|(it, bound)| *it != name || bounds.contains(bound));
    let fallen = canaries.iter().filter(|it| !it.passed && is_bounded(&it.name));
    assert_eq!(fallen.map(|it| it.name.as_str()).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn builds_go_through_the_whole_server() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(Harness { engine, runtime, .. }) = engine() else { return };
    let folder = std::env::temp_dir().join(format!("stagelight-real-{}", ids::build_id().unwrap()));
    runtime.block_on(async {
        let store = Store::open(&folder).await.unwrap();
        let settings = Settings::default().building();
        let builds = Builds::new(Some(Arc::new(engine)), None, store, settings, Vec::new());
        builds.probe().await;
        let end = async |id: &str| {
            let run = builds.run(id).await.unwrap();
            let mut length = run.log.follow();
            while !length.borrow_and_update().closed {
                tokio::time::timeout(Duration::from_secs(60), length.changed()).await.unwrap().unwrap();
            }
            run.outcome().unwrap()
        };

        let dockerfile =
            format!("FROM {IMAGE} AS made\nCOPY a /a\nRUN cat /a\nFROM scratch\nCOPY --from=made /a /b\n");
        let file = InputFile { path: "a".to_owned(), text: Some("it\n".to_owned()), ..InputFile::default() };
        let request = Request { dockerfile, files: vec![file], ..Request::default() };
        let made = builds.submit("a", request, None).await.unwrap();
        assert_eq!(end(&made.id).await.end, End::Succeeded);
        let files = builds.files(&made.id, 1).await.unwrap();
        assert_eq!(files.entries.iter().map(|it| it.path.as_str()).collect::<Vec<_>>(), ["/b"]);
        let mut archive = builds.archive(&made.id, 1, "/b".to_owned()).await.unwrap();
        let mut tar = Vec::new();
        while let Some(piece) = archive.recv().await {
            tar.extend(piece.unwrap());
        }
        assert!(tar.windows(3).any(|it| it == b"it\n"), "the file is in the archive");

        let dockerfile = format!("FROM {IMAGE}\nRUN echo begun; sleep 60\n");
        let long = builds.submit("a", Request { dockerfile, ..Request::default() }, None).await.unwrap();
        let run = builds.run(&long.id).await.unwrap();
        let mut length = run.log.follow();
        while !String::from_utf8_lossy(&run.log.lines(0)).contains("begun\\n") {
            tokio::time::timeout(Duration::from_secs(60), length.changed()).await.unwrap().unwrap();
        }
        let asked = Instant::now();
        builds.cancel(&long.id, long.token.as_deref().unwrap()).await.unwrap();
        assert_eq!(end(&long.id).await.end, End::Cancelled);
        println!("Cancelled in {} ms", asked.elapsed().as_millis());
        assert!(asked.elapsed() < Duration::from_secs(5));
        builds.end().await;
        builds.store().close().await;
    });
    std::fs::remove_dir_all(&folder).ok();
}
