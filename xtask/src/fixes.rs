//! `cargo xtask fixes`: whether fixes do harm, on a corpus of Dockerfiles.
//!
//! What has to hold is in crates/dockerfile/tests/fixes, which holds it on the project's own files too. The corpus lies
//! beside the project and is no part of it; where it is missing, nothing is tried.

use std::{path::Path, process::Command};

use anyhow::{Result, bail};

use crate::{
    conformance::{CORPUS, Folder},
    process,
};

pub(crate) fn run() -> Result<()> {
    if !Path::new(CORPUS).join("dockerfiles.jsonl.gz").is_file() {
        println!("Fixes are not tried: there is no corpus in {CORPUS}");
        return Ok(());
    }
    let folder = Folder::with_corpus()?;
    let mut command = Command::new("cargo");
    command.args(["test", "--quiet", "--release", "--package", "dockerfile", "--test", "fixes", "corpus::"]);
    command.args(["--", "--nocapture"]).env("STAGELIGHT_FIXES_FILES", folder.list());
    let result = process::run(&mut command);
    drop(folder);
    if result.is_err() {
        bail!("A fix does harm; what is above says which and where");
    }
    Ok(())
}
