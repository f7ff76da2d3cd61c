//! What the core says of the cache and of the build context, against what an engine does.
//!
//! Runs where `STAGELIGHT_DOCKER` names a docker program that has an engine to itself, as `cargo xtask engine` arranges;
//! else it says that it does not. Each case of the core's own tests is built; those of the cache are edited and built again.

#[path = "../../../dockerfile/tests/cache/case.rs"]
mod case;
mod contexts;
mod engine;
mod folder;

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use dockerfile::queries::cache::{Build, Fate, Forecast};
use dockerfile::queries::plan::StepKind;

use case::Case;
use contexts::End;
use engine::Engine;

/// What one build leaves in the cache, another one finds there.
static ALONE: Mutex<()> = Mutex::new(());

/// What became of the steps of a build, by name.
type Steps = Vec<(String, bool)>;

#[test]
fn an_engine_runs_again_what_is_foretold() {
    let _alone = ALONE.lock();
    let Some(engine) = Engine::of_environment() else {
        println!("No engine is asked: cargo xtask engine does that.");
        return;
    };
    let start = Instant::now();
    let (mut n_cases, mut n_steps, mut n_skipped, mut differences) = (0, 0, 0, Vec::new());
    let only = std::env::var("STAGELIGHT_ENGINE_CASE").unwrap_or_default();
    for (name, text) in cases().into_iter().filter(|(name, _)| name.contains(&only)) {
        let case = Case::read(&text).unwrap_or_else(|why| panic!("{name}: {why}"));
        if case.no_engine || case.since > engine.major {
            n_skipped += 1;
            continue;
        }
        let seen = match build_twice(&engine, &case) {
            Ok(seen) => seen,
            Err(why) => {
                differences.push(format!("{name}: {why}"));
                continue;
            }
        };
        let mut told = case.ask(foretold);
        engine.name(&mut told);
        let runs = |steps: &Steps| steps.iter().filter(|(_, runs)| *runs).count();
        println!("{name:<42} {:>2} steps, {:>2} run again", seen.len(), runs(&seen));
        n_cases += 1;
        n_steps += told.len();
        if told != seen {
            differences.push(format!(
                "{name}: expected {}\n    and the engine has {}",
                shown(&told),
                shown(&seen)
            ));
        }
    }
    let seconds = start.elapsed().as_secs();
    println!(
        "Engine {}: {n_cases} edits, {n_steps} steps compared, {} disagreements, {n_skipped} cases left out, {seconds} s",
        engine.version,
        differences.len()
    );
    differences.iter().for_each(|difference| println!("{difference}"));
    assert!(differences.is_empty(), "The engine does something else in {} cases", differences.len());
    assert!(!only.is_empty() || n_cases >= 60, "only {n_cases} cases were asked");
}

#[test]
fn an_engine_receives_what_is_foretold() {
    let _alone = ALONE.lock();
    let Some(engine) = Engine::of_environment() else {
        println!("No engine is asked what it receives: cargo xtask engine does that.");
        return;
    };
    if engine.major < 28 {
        println!(
            "Engine {} is not asked what it receives: it has other words for what it refuses",
            engine.version
        );
        return;
    }
    let start = Instant::now();
    let (mut n_cases, mut n_files, mut n_refused, mut n_skipped) = (0, 0, 0, 0);
    let mut differences = Vec::new();
    let only = std::env::var("STAGELIGHT_ENGINE_CASE").unwrap_or_default();
    for case in contexts::cases().into_iter().filter(|case| case.name.contains(&only)) {
        let Some(told) = contexts::foretold(&case) else { continue };
        let seen = contexts::seen(&engine, &case);
        if seen.as_ref().is_ok_and(End::is_of_older_frontend) {
            n_skipped += 1;
            continue;
        }
        n_cases += 1;
        match &told {
            End::Files(files) => n_files += files.len(),
            End::Refused(_) => n_refused += 1,
        }
        match seen {
            Ok(seen) if told.is(&seen) => {}
            Ok(seen) => {
                differences.push(format!("{}: expected {told:?}\n    and the engine has {seen:?}", case.name))
            }
            Err(why) => differences.push(format!("{}: {why}", case.name)),
        }
    }
    println!(
        "Engine {}: {n_cases} contexts, {n_files} files received, {n_refused} builds refused, {} disagreements, {n_skipped} cases left out, {} s",
        engine.version,
        differences.len(),
        start.elapsed().as_secs()
    );
    differences.iter().for_each(|difference| println!("{difference}"));
    assert!(differences.is_empty(), "The engine has something else in {} cases", differences.len());
    assert!(!only.is_empty() || n_cases >= 60, "only {n_cases} cases were asked");
}

/// Whether each operation of an instruction runs again.
fn foretold(build: &Build<'_>, forecast: &Forecast) -> Steps {
    let operations = build.plan.steps(build.cut).into_iter().filter(|step| step.kind == StepKind::Operation);
    let steps = operations.map(|step| {
        let runs = match forecast.vertices[step.vertex] {
            Some(Fate::Runs | Fate::Relinked) => true,
            Some(Fate::Cached | Fate::SameContent | Fate::Merged) => false,
            Some(Fate::NotNeeded | Fate::Settings) | None => panic!("{} is no step", step.name),
        };
        (step.name, runs)
    });
    steps.collect()
}

fn build_twice(engine: &Engine, case: &Case) -> Result<Steps, String> {
    engine.forget();
    if !case.moved.is_empty() {
        engine.restore_images()?;
    }
    let folder = folder::before(case).map_err(|why| why.to_string())?;
    engine.build(case, &folder, false)?;
    folder::edit(case, &folder).map_err(|why| why.to_string())?;
    for (image, paths) in &case.moved {
        engine.move_image(image, paths)?;
    }
    let steps = engine.build(case, &folder, true);
    if !case.moved.is_empty() {
        engine.restore_images()?;
    }
    steps
}

fn shown(steps: &Steps) -> String {
    let steps = steps
        .iter()
        .map(|(name, runs)| format!("\n      {} {name}", if *runs { "runs  " } else { "cached" }));
    steps.collect()
}

fn cases() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dockerfile/test_data/cache");
    let paths = fs::read_dir(folder).expect("the cases are there").map(|entry| entry.expect("a case").path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|it| it == "case")).collect();
    paths.sort();
    let name = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), fs::read_to_string(path).expect("a case"))).collect()
}
