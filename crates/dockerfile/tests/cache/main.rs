//! The cache from outside: a build, an edit, and what runs again.
//!
//! To add a case, put `NAME.case` into `test_data/cache` and run the tests with `UPDATE_EXPECT=1`; then read what stands
//! behind `--- expected` as you would read code. `cargo xtask engine` asks a real engine the same.

mod case;
mod day;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use dockerfile::queries::cache::{Fate, Forecast};
use expect_test::expect_file;

use case::Case;

#[test]
fn what_runs_again_is_told_with_its_cause() {
    let files = files();
    assert!(files.len() >= 60, "there are only {} cases", files.len());
    for (path, text) in files {
        let case = Case::read(&text).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        let told = case.ask(|build, forecast| {
            let mut told = format!("{}--- expected\n", case.head);
            table(forecast, &mut told);
            let costs: Vec<Fate> = forecast.vertices.iter().flatten().copied().collect();
            assert_eq!(forecast.steps.len(), build.plan.graph.stages.iter().map(|it| it.steps.len()).sum());
            assert!(forecast.cost <= costs.iter().filter(|it| **it == Fate::Runs).count());
            told
        });
        expect_file![path].assert_eq(&told);
    }
}

fn table(forecast: &Forecast, told: &mut String) {
    for step in &forecast.steps {
        let fate = match step.fate {
            Fate::NotNeeded => "not needed",
            Fate::Settings => "settings",
            Fate::Cached => "cached",
            Fate::SameContent => "same content",
            Fate::Merged => "merged",
            Fate::Relinked => "relinked",
            Fate::Runs => "RUNS",
        };
        writeln!(told, "{:>2} {fate:<12} {}", step.line, step.sentence).unwrap();
        if let Some(cause) = step.cause {
            let line = forecast.at(cause).expect("the cause is a step").line;
            *told = format!("{} <- {line}\n", told.trim_end());
        }
    }
    writeln!(told, "cost {}", forecast.cost).unwrap();
}

fn files() -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test_data/cache");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|it| it == "case")).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}
