//! What engines really said, folded: the same build comes to the same states of the same lines on every engine.
//!
//! Those of the project are in `test_data`. More of them, of older and newer engines, are read where
//! `STAGELIGHT_CAPTURES` names a folder that has them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use dockerfile::queries::Target;
use dockerfile::stages::BuildOptions;
use progress::mapping::Mapping;
use progress::vertices::{Vertex, Vertices};
use protocol::build::{Mapped, Step, StepState};
use serde_json::Value;

/// How each line is in the end, by its number.
type Lines = BTreeMap<u32, BTreeSet<String>>;

#[test]
fn all_engines_come_to_the_same() {
    let Some(folder) = std::env::var_os("STAGELIGHT_CAPTURES") else {
        println!("No captures of other engines are compared: STAGELIGHT_CAPTURES names no folder.");
        return;
    };
    let folder = Path::new(&folder);
    let mut cases: BTreeMap<String, Vec<(String, Lines)>> = BTreeMap::new();
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("the captures are there")
        .map(|entry| entry.expect("a capture").file_name().to_string_lossy().into_owned())
        .filter(|name| {
            name.ends_with(".txt") && !name.contains("classic") && !name.starts_with("dup.frontend")
        })
        .collect();
    names.sort();
    for name in &names {
        let stem = name.trim_end_matches(".txt");
        let beginnings = ["docker20.10", "docker26.1", "docker28.5", "docker29dev", "buildkitd0.32"];
        let engine = beginnings.into_iter().find(|it| stem.starts_with(it)).expect("an engine that is known");
        let case = &stem[engine.len() + 1..];
        let file = case.split(['.', '-']).next().expect("a name");
        let dockerfile = fs::read_to_string(folder.join(format!("{file}.Dockerfile"))).expect("a Dockerfile");
        let target = case.split_once('-').map(|(_, target)| target.to_owned());
        let text = fs::read_to_string(folder.join(name)).expect("a capture");
        let options = BuildOptions { target: target.clone(), ..BuildOptions::default() };
        let mapping = Mapping::new(&dockerfile, &options, &Target::from_name(target.as_deref()));
        let lines = fold(mapping, &text, name);
        cases.entry(case.to_owned()).or_default().push((engine.to_owned(), lines));
    }
    let n_captures: usize = cases.values().map(Vec::len).sum();
    for (case, engines) in &cases {
        let (first, expected) = engines.last().expect("at least one");
        assert!(!expected.is_empty(), "{case} of {first} has no line");
        for (engine, lines) in engines {
            assert_eq!(lines, expected, "{case}: {engine}, beside {first}");
        }
    }
    println!("{n_captures} captures of {} builds come to the same states of the same lines", cases.len());
    assert!(n_captures >= 40, "only {n_captures} captures");
}

fn fold(mapping: Mapping, text: &str, name: &str) -> Lines {
    let mut vertices = Vertices::new(mapping);
    let mut batch: Vec<Vertex> = Vec::new();
    let mut now = String::new();
    for line in text.lines() {
        let Some((at, json)) = line.trim_start().split_once(' ').filter(|(at, _)| at.parse::<f64>().is_ok())
        else {
            continue;
        };
        let value: Value = serde_json::from_str(json).expect("JSON");
        if at != now {
            vertices.take(&batch);
            batch.clear();
            now = at.to_owned();
        }
        batch.extend(vertex(&value, at));
    }
    vertices.take(&batch);
    vertices.end(0);
    let mut lines = Lines::new();
    for step in vertices.steps() {
        assert!(step.mapped != Mapped::Unknown, "{name}: {} is not known", step.name);
        assert!(step.mapped != Mapped::StageOnly, "{name}: {} has only its stage", step.name);
        for place in &step.places {
            lines.entry(place.line).or_default().insert(word(step));
        }
    }
    lines
}

/// Whether a base image is done, is cached or is let go is a race with what stands on it, on one and the same engine.
fn word(step: &Step) -> String {
    match step.name.contains("] FROM ") && step.state != StepState::Failed {
        true => "there".to_owned(),
        false => format!("{:?}", step.state),
    }
}

fn vertex(value: &Value, at: &str) -> Option<Vertex> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let is = |key: &str| value.get(key).and_then(Value::as_bool).unwrap_or_default();
    value.get("v")?;
    let inputs = value.get("in").and_then(Value::as_array).into_iter().flatten();
    let at = at.parse::<f64>().expect("a time") as u64;
    Some(Vertex {
        digest: text("v"),
        name: text("name"),
        inputs: inputs.filter_map(Value::as_str).map(str::to_owned).collect(),
        started: is("started").then_some(at),
        ended: is("completed").then_some(at),
        cached: is("cached"),
        error: Some(text("err")).filter(|error| !error.is_empty()),
    })
}
