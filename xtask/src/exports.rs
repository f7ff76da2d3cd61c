//! `cargo xtask exports`: whether pictures, graphs and links hold what they promise, on a corpus of Dockerfiles.
//!
//! What has to hold is in crates/cli/tests/exports, which holds it on the project's own files too. The corpus lies
//! beside the project and is no part of it; where it is missing, only those are tried.

use std::{path::Path, process::Command};

use anyhow::{Result, bail};

use crate::{
    conformance::{CORPUS, Folder},
    process,
};

pub(crate) fn run() -> Result<()> {
    let mut command = Command::new("cargo");
    command.args(["test", "--quiet", "--release", "--package", "stagelight", "--test", "exports"]);
    command.args(["--", "--nocapture", "--test-threads", "1"]);
    let corpus = if Path::new(CORPUS).join("dockerfiles.jsonl.gz").is_file() {
        let folder = Folder::with_corpus()?;
        command.env("STAGELIGHT_EXPORT_FILES", folder.list());
        Some(folder)
    } else {
        println!("Only the project's own files are tried: there is no corpus in {CORPUS}");
        None
    };
    let result = process::run(&mut command);
    drop(corpus);
    if result.is_err() {
        bail!(
            "Something that leaves the program is not what it should be; what is above says what and where"
        );
    }
    Ok(())
}
