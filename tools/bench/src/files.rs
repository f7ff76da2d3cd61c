//! Real Dockerfiles to measure with: the corpus beside the project if it is there, else the project's own.

use std::{fs, fs::File as FsFile, io::BufRead, io::BufReader, path::Path};

use anyhow::{Context, Result};
use dockerfile::text::decode;
use flate2::read::MultiGzDecoder;
use serde::Deserialize;

/// A corpus is one JSON object a line: an id, and the text.
const CORPUS: &str = "../shared/corpus/dockerfiles.jsonl.gz";
/// Files that were made to be hard say nothing about speed in practice.
const MADE_UP: &str = "torture:";
const OWN_FOLDERS: [&str; 2] = ["examples", "crates/dockerfile/test_data"];

/// A Dockerfile.
pub(crate) struct File {
    pub(crate) text: String,
}

/// The files, and where they are from.
pub(crate) fn real() -> Result<(&'static str, Vec<File>)> {
    if Path::new(CORPUS).exists() {
        return Ok(("of the corpus", corpus()?));
    }
    let mut files = Vec::new();
    for folder in OWN_FOLDERS {
        collect(Path::new(folder), &mut files)?;
    }
    Ok(("of the project (there is no corpus beside it)", files))
}

fn corpus() -> Result<Vec<File>> {
    #[derive(Deserialize)]
    struct Row {
        id: String,
        /// Absent where the file is not UTF-8.
        content: Option<String>,
    }
    let file = FsFile::open(CORPUS).with_context(|| format!("Cannot read {CORPUS}"))?;
    let mut files = Vec::new();
    for line in BufReader::new(MultiGzDecoder::new(file)).lines() {
        let line = line.with_context(|| format!("Cannot unpack {CORPUS}"))?;
        let row: Row = serde_json::from_str(&line).with_context(|| format!("{CORPUS} has a damaged line"))?;
        if let Some(text) = row.content.filter(|_| !row.id.starts_with(MADE_UP)) {
            files.push(File { text });
        }
    }
    Ok(files)
}

fn collect(folder: &Path, acc: &mut Vec<File>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("Cannot list {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, acc)?;
        } else if is_dockerfile(&path) {
            let bytes = fs::read(&path).with_context(|| format!("Cannot read {}", path.display()))?;
            acc.push(File { text: decode(&bytes).0.into_owned() });
        }
    }
    Ok(())
}

fn is_dockerfile(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    name.ends_with(".dockerfile") || name == "dockerfile"
}
