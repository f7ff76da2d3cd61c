//! Trunk: builds the site, serves it and watches the sources. Compiled from its published source.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result};

use super::Job;
use crate::{
    cache::Cache,
    process::{self, Log},
};

/// Newer ones need a newer Rust than this project does.
const VERSION: &str = "0.21.14";

/// Trunk waits for Cargo and for files: how fast it is compiled matters more than how fast it runs. This takes
/// a fifth of the time of its own release profile.
const LIGHT_PROFILE: [(&str, &str); 6] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
    ("CARGO_PROFILE_RELEASE_STRIP", "true"),
    ("CARGO_INCREMENTAL", "0"),
];

pub(super) fn missing(cache: &Cache) -> Result<Option<Job>> {
    if cache.get(&name()).is_some() {
        return Ok(None);
    }
    let cache = cache.clone();
    Ok(Some(Job::new(
        format!("Trunk {VERSION}"),
        "builds and serves the site; compiled from source, 2 to 4 minutes",
        move |log| install(&cache, log),
    )))
}

pub(super) fn folder(cache: &Cache) -> Result<PathBuf> {
    Ok(cache.get(&name()).context("Trunk is still missing")?.join("bin"))
}

fn install(cache: &Cache, log: &Log) -> Result<()> {
    let build_folder = cache.build_folder(&name());
    cache.install(&name(), |folder| {
        let mut command = Command::new("cargo");
        // Without the default features it has no TLS, which only its own downloads would need.
        command.args(["install", "trunk", "--version", VERSION, "--locked", "--no-default-features"]);
        command.arg("--root").arg(folder).arg("--target-dir").arg(&build_folder).envs(LIGHT_PROFILE);
        log.run(&mut command)?;
        process::answer(Command::new(folder.join("bin/trunk")).arg("--version").env_remove("NO_COLOR"))?;
        Ok(())
    })?;
    std::fs::remove_dir_all(&build_folder).ok();
    Ok(())
}

fn name() -> String {
    format!("trunk-{VERSION}")
}
