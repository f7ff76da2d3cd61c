//! Dockerfiles as careful people write them, one for each of many kinds of projects. What is told of them at all stands
//! in `test_data/practice/findings.txt`, and none of it is a warning: who does well shall not be scolded.
//!
//! To add one, put `NAME.dockerfile` there and run the tests with `UPDATE_EXPECT=1`.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use dockerfile::checks::{self, File, Finding, Level};
use dockerfile::queries::{self, Target};
use dockerfile::stages::{self, BuildOptions};
use dockerfile::syntax;

#[test]
fn good_dockerfiles_get_no_warning() {
    let mut all = String::new();
    for path in files() {
        let name = path.file_stem().unwrap().to_string_lossy();
        let findings = findings(&fs::read_to_string(&path).unwrap());
        writeln!(all, "{name}").unwrap();
        for finding in findings {
            let (line, rule, level) = (finding.lines.first, finding.rule.name, finding.rule.level);
            assert_eq!(level, Level::Info, "{name}, line {line}: {}", finding.message);
            writeln!(all, "  {line} {rule}: {}", finding.full_message()).unwrap();
        }
    }
    expect_test::expect_file![folder().join("findings.txt")].assert_eq(&all);
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("test_data/practice")
}

/// The Dockerfiles, sorted.
fn files() -> Vec<PathBuf> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        files.filter(|it| it.extension().is_some_and(|it| it == "dockerfile")).collect();
    files.sort();
    files
}

/// What is found for the last stage.
fn findings(text: &str) -> Vec<Finding> {
    let parse = syntax::parse(text);
    let options = BuildOptions::default();
    let graph = stages::resolve(&parse, &options);
    let cut = queries::cut(&graph, &Target::Default).ok();
    checks::find(&File::new(text, &parse, &graph, &options, cut.as_ref())).findings
}
