//! The recordings of `crates/progress/test_data` are what the engine does: each is built again, and its lines come to
//! the same states. With `STAGELIGHT_RECORD` set they are written anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use engine::replay::{Pace, Replay, read};
use engine::{Order, Stop};
use protocol::build::{Event, Failure, Outcome, StepState, What};

use crate::engine;
use crate::harness::{Built, build, file, order};

/// The recordings, each a folder: its name, and behind an `@` the target.
fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../progress/test_data");
    let folders = fs::read_dir(folder).expect("recordings").map(|entry| entry.expect("a recording").path());
    let mut folders: Vec<PathBuf> = folders.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn order_of(case: &Path) -> Order {
    let mut order = order(&fs::read_to_string(case.join("Dockerfile")).expect("a Dockerfile"));
    let name = case.file_name().expect("a name").to_string_lossy().into_owned();
    order.request.target = name.split_once('@').map(|(_, target)| target.to_owned());
    order.request.files = vec![file("given.txt", "given\n")];
    order.request.no_cache = true;
    order
}

/// How each line is in the end. What is of a base image is a race, so only that it is there; and a step may have been
/// made for another recording.
fn lines(built: &Built) -> BTreeMap<u32, BTreeSet<String>> {
    let mut lines: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    for step in built.steps() {
        let state = match step.state {
            _ if step.name.contains("] FROM ") => "there".to_owned(),
            StepState::Done | StepState::Cached => format!("made {:?}", step.mapped),
            state => format!("{state:?} {:?}", step.mapped),
        };
        for place in &step.places {
            lines.entry(place.line).or_default().insert(state.clone());
        }
    }
    lines
}

/// What came of it. Engines tell of their steps in any order, so a number says nothing.
fn outcome(built: &Built) -> Outcome {
    let failure = built.outcome.failure.clone().map(|failure| Failure { step: None, ..failure });
    Outcome { failure, ..built.outcome.clone() }
}

#[test]
fn the_engine_does_what_was_recorded() {
    let Some(engine) = engine() else { return };
    if engine.is_before(28, "the recordings, which are of Docker 28") {
        return;
    }
    for case in cases() {
        let order = order_of(&case);
        let built = engine.order(&order);
        let recording = case.join("recording.ndjson");
        if std::env::var_os("STAGELIGHT_RECORD").is_some() {
            fs::write(&recording, built.text()).expect("it can be written");
        }
        let recorded = read(&fs::read_to_string(&recording).expect("a recording")).expect("a recording");
        let end = recorded.iter().find_map(|event| match &event.what {
            What::Finished(outcome) => Some(outcome.clone()),
            _ => None,
        });
        let recorded = Built { events: recorded, outcome: end.expect("an end") };
        assert_eq!(lines(&built), lines(&recorded), "{}", case.display());
        assert_eq!(outcome(&built), outcome(&recorded), "{}", case.display());
    }
}

/// What is true of every build is true of one that is played.
#[test]
fn recordings_are_builds() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let cases = cases();
    assert!(cases.len() >= 6);
    for case in cases {
        let text = fs::read_to_string(case.join("recording.ndjson")).expect("a recording");
        let recorded: Vec<Event> = read(&text).expect("a recording");
        for pace in [Pace::AtOnce, Pace::Recorded] {
            let replay = Replay::new(pace, recorded.clone());
            let built = runtime.block_on(build(&replay, &order_of(&case), &Stop::new()));
            built.check();
            assert_eq!(built.events.len(), recorded.len(), "{}", case.display());
            assert_eq!(
                built.steps().len(),
                built.steps().iter().map(|step| step.id).collect::<BTreeSet<_>>().len()
            );
        }
    }
}
