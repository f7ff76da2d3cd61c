//! `cargo xtask layout`: how good the pictures are, in numbers.
//!
//! The measures and their bounds are in tests/it/layout.rs, which the native tests run too; here they are printed,
//! and taken from the corpus as well, where it is at hand.

use std::{path::Path, process::Command};

use anyhow::{Result, bail};

use crate::{
    conformance::{CORPUS, Folder},
    process,
};

pub(crate) fn run() -> Result<()> {
    let mut command = Command::new("cargo");
    command.args(["test", "--quiet", "--package", "stagelight-web", "--test", "it", "layout::"]);
    command.args(["--", "--nocapture", "--test-threads", "1"]);
    let corpus = if Path::new(CORPUS).join("dockerfiles.jsonl.gz").is_file() {
        let folder = Folder::with_corpus()?;
        command.env("STAGELIGHT_LAYOUT_FILES", folder.list());
        Some(folder)
    } else {
        println!("Only examples and made-up files are measured: there is no corpus in {CORPUS}");
        None
    };
    let result = process::run(&mut command);
    drop(corpus);
    if result.is_err() {
        bail!("The pictures are not as good as they were; what is above says where");
    }
    Ok(())
}
