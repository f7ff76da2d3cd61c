//! What a build does, as cases in files: a title that says the rule, how it is built, a Dockerfile, and what BuildKit
//! makes of it.
//!
//! To add a case, put a file into a folder of `test_data/build` and run the tests with `UPDATE_EXPECT=1`; then read
//! what stands behind the second `---` as you would read code. `test_data/build/README.md` describes the form and
//! lists the rules with their cases.

mod case;
mod dump;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use expect_test::expect_file;

use crate::case::Case;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("test_data/build")
}

/// The files of all areas, sorted.
fn case_files() -> Vec<PathBuf> {
    let entries = |path: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    let areas = entries(&folder()).into_iter().filter(|path| path.is_dir());
    let mut files: Vec<PathBuf> = areas.flat_map(|area| entries(&area)).collect();
    files.sort();
    files
}

#[test]
fn cases_come_out_as_written() {
    for path in case_files() {
        let file = std::fs::read_to_string(&path).unwrap();
        let case = Case::read(&file).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        let expected = format!("{}---\n{}", case.head, dump::build(&case));
        expect_file![path].assert_eq(&expected);
    }
}

#[test]
fn every_case_stands_in_the_list_of_rules() {
    let list = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let listed: BTreeSet<&str> = list.split('`').skip(1).step_by(2).collect();
    for path in case_files() {
        let name = path.strip_prefix(folder()).unwrap().with_extension("");
        let name = name.to_string_lossy().replace('\\', "/");
        assert!(listed.contains(name.as_str()), "{name} is missing in test_data/build/README.md");
    }
}
