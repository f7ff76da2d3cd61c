//! The syntax module from outside: files with their expected trees, and texts that nobody would write.
//!
//! To add a case, put `NAME.dockerfile` into `test_data/parse/{ok,err,highlight}` and run the tests with
//! `UPDATE_EXPECT=1`; then read `NAME.txt` as you would read code.

mod dump;
mod files;
mod limits;

use std::path::{Path, PathBuf};

/// The Dockerfiles of a folder of test data, with their decoded text, sorted by name.
fn test_files(folder: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test_data/parse").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "dockerfile"))
        .map(|path| {
            let text = dockerfile::text::decode(&std::fs::read(&path).unwrap()).0.into_owned();
            (path, text)
        })
        .collect();
    files.sort();
    files
}
