//! What has to hold for everything that leaves the program, on the project's own files and, by `cargo xtask exports`,
//! on a corpus.

mod links;
mod pictures;

use std::fs;
use std::path::{Path, PathBuf};

/// A Dockerfile and what it is called.
struct Sample {
    name: String,
    text: String,
}

/// The project's own Dockerfiles, and those that the list in `STAGELIGHT_EXPORT_FILES` names.
fn samples() -> Vec<Sample> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut paths = Vec::new();
    dockerfiles(&root.join("examples"), &mut paths);
    dockerfiles(&root.join("crates/dockerfile/test_data"), &mut paths);
    if let Some(list) = std::env::var_os("STAGELIGHT_EXPORT_FILES") {
        paths.extend(fs::read_to_string(list).unwrap().lines().map(PathBuf::from));
    }
    let sample = |path: PathBuf| {
        let text = dockerfile::text::decode(&fs::read(&path).unwrap()).0.into_owned();
        Sample { name: path.display().to_string(), text }
    };
    paths.into_iter().map(sample).collect()
}

fn dockerfiles(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        match path.is_dir() {
            true => dockerfiles(&path, found),
            false if path.extension().is_some_and(|it| it == "dockerfile") => found.push(path),
            false => {}
        }
    }
}
