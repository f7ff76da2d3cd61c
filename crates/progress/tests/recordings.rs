//! Builds of a real engine, recorded: each step is of the instructions that stand beside the line in `lines.txt`.
//!
//! A folder of `test_data` has a Dockerfile, what an engine told of a build of it, and what that comes to. Behind an `@`
//! in its name stands the target. `cargo xtask engine` holds the recordings against the engine of the day.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use dockerfile::queries::Target;
use dockerfile::stages::BuildOptions;
use progress::mapping::Mapping;
use protocol::build::{Event, Step, What};

#[test]
fn recorded_steps_are_of_the_lines_that_are_said() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test_data");
    let mut n_steps = 0;
    let entries = fs::read_dir(folder).expect("recordings").map(|entry| entry.expect("a recording").path());
    for case in entries.filter(|path| path.is_dir()) {
        let read = |name: &str| fs::read_to_string(case.join(name)).unwrap_or_default();
        let dockerfile = read("Dockerfile");
        let name = case.file_name().expect("a name").to_string_lossy().into_owned();
        let target = name.split_once('@').map(|(_, target)| target.to_owned());
        let options = BuildOptions { target: target.clone(), ..BuildOptions::default() };
        let steps = last(&read("recording.ndjson"));
        n_steps += steps.len();
        // One that is asked for by a name of its own is told as it is known, which the core does not foretell.
        if target.is_none() {
            let mapping = Mapping::new(&dockerfile, &options, &Target::Default);
            for step in steps.values() {
                let told = (step.places.clone(), step.mapped);
                assert_eq!(mapping.by_name(&step.name), told, "{name}: {}", step.name);
            }
        }
        let told = lines(&dockerfile, &steps);
        if std::env::var_os("STAGELIGHT_RECORD").is_some() {
            fs::write(case.join("lines.txt"), &told).expect("it can be written");
        }
        assert_eq!(told, read("lines.txt"), "{name}");
    }
    assert!(n_steps >= 40, "only {n_steps} steps");
}

/// The steps as they are in the end.
fn last(recording: &str) -> BTreeMap<u32, Step> {
    let events = recording.lines().map(|line| serde_json::from_str::<Event>(line).expect("an event"));
    let steps = events.filter_map(|event| match event.what {
        What::Step(step) => Some((step.id, step)),
        _ => None,
    });
    steps.collect()
}

/// The Dockerfile with the steps of each line below it.
fn lines(dockerfile: &str, steps: &BTreeMap<u32, Step>) -> String {
    let mut told = String::new();
    for (at, line) in dockerfile.lines().enumerate() {
        writeln!(told, "{line}").ok();
        for step in
            steps.values().filter(|step| step.places.iter().any(|place| place.line as usize == at + 1))
        {
            writeln!(told, "    ^ {:?} {:?}: {}", step.state, step.mapped, step.name).ok();
        }
    }
    for step in steps.values().filter(|step| step.places.iter().all(|place| place.line == 0)) {
        writeln!(told, "no line: {:?} {:?}: {}", step.state, step.mapped, step.name).ok();
    }
    told
}
