//! wasm-bindgen: writes the JavaScript around the WASM. Compiled from `tools/wasm-bindgen`, so that its version
//! is the one `Cargo.lock` names, without which the two do not fit together.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context, Result, ensure};

use super::{Job, locked_version};
use crate::{
    cache::Cache,
    process::{self, Log},
};

pub(super) fn missing(cache: &Cache) -> Result<Option<Job>> {
    let (version, name) = identity()?;
    if cache.get(&name).is_some() {
        return Ok(None);
    }
    let cache = cache.clone();
    Ok(Some(Job::new(
        format!("wasm-bindgen {version}"),
        "connects the site's code to the browser; compiled from source, half a minute",
        move |log| install(&cache, log),
    )))
}

pub(super) fn folder(cache: &Cache) -> Result<PathBuf> {
    cache.get(&identity()?.1).context("wasm-bindgen is still missing")
}

fn install(cache: &Cache, log: &Log) -> Result<()> {
    let (version, name) = identity()?;
    let build_folder = cache.build_folder(&name);
    cache.install(&name, |folder| {
        let mut command = Command::new("cargo");
        command.args(["build", "--package", "wasm-bindgen-tool", "--profile", "tool"]);
        log.run(command.arg("--target-dir").arg(&build_folder))?;
        let program = folder.join("wasm-bindgen");
        fs::copy(build_folder.join("tool/wasm-bindgen-tool"), &program)
            .context("Cannot copy wasm-bindgen")?;
        let answer = process::answer(Command::new(program).arg("--version"))?;
        ensure!(
            answer.trim() == format!("wasm-bindgen {version}"),
            "It calls itself '{}' where Cargo.lock has {version}",
            answer.trim()
        );
        Ok(())
    })?;
    fs::remove_dir_all(&build_folder).ok();
    Ok(())
}

/// Its version, and its folder's name in the cache: the source is part of it, lest a change here go unnoticed.
fn identity() -> Result<(String, String)> {
    let lock = fs::read_to_string("Cargo.lock").context("Cannot read Cargo.lock")?;
    let version = locked_version(&lock, "wasm-bindgen").context("Cargo.lock names no wasm-bindgen")?;
    let source = fs::read("tools/wasm-bindgen/src/main.rs").context("Cannot read tools/wasm-bindgen")?;
    let name = format!("wasm-bindgen-{version}-{:08x}", checksum(&source));
    Ok((version, name))
}

/// FNV-1a: the same number for the same bytes, whatever the version of Rust.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |acc, byte| (acc ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}
