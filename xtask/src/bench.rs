//! Measures the core beside other readers of Dockerfiles.
//!
//! The program is tools/bench. It is built only here, because the crates it compares with are nobody else's need.

use std::process::Command;

use anyhow::Result;

use crate::process;

pub(crate) fn run() -> Result<()> {
    process::run(Command::new("cargo").args(["run", "--quiet", "--release", "--package", "stagelight-bench"]))
}
