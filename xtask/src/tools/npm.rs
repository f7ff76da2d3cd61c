//! What comes from npm: the editor and its fonts, wasm-opt, and what drives the browser in tests.
//!
//! The packages are in `node_modules`, as Node.js wants it. A copy of the lock file in there, written last, says
//! what is installed: `npm ci` runs when that copy is missing or differs.

use std::{env, fs, path::PathBuf, process::Command};

use anyhow::{Context, Result, bail};

use super::Job;
use crate::{
    cache::Cache,
    process::{self, Log},
};

const TITLE: &str = "npm packages";
const LOCK: &str = "package-lock.json";
const INSTALLED: &str = "node_modules/.installed-package-lock.json";
const OLDEST_NODE: u32 = 20;
const HOW_TO_GET_NODE: &str =
    "install Node.js 20 or newer with its npm (on Debian: apt-get install nodejs npm), then run this again";

pub(super) fn check_node() -> Result<()> {
    let Ok(answer) = process::answer(Command::new("node").arg("--version")) else {
        bail!("Node.js is missing: {HOW_TO_GET_NODE}");
    };
    match major_version(&answer) {
        Some(version) if version >= OLDEST_NODE => {}
        _ => bail!("Node.js {} is too old: {HOW_TO_GET_NODE}", answer.trim()),
    }
    if process::find("npm").is_none() {
        bail!("npm is missing: {HOW_TO_GET_NODE}");
    }
    Ok(())
}

pub(super) fn missing(cache: &Cache) -> Option<Job> {
    if is_installed() {
        return None;
    }
    let cache = cache.clone();
    Some(Job::new(
        TITLE.to_owned(),
        "the editor, fonts and wasm-opt; fetched into node_modules, a few seconds",
        move |log| install(&cache, log),
    ))
}

pub(super) fn is_title(title: &str) -> bool {
    title == TITLE
}

/// The programs of the packages, of which Trunk uses wasm-opt.
pub(super) fn folder() -> Result<PathBuf> {
    Ok(env::current_dir().context("There is no current folder")?.join("node_modules/.bin"))
}

/// Does nothing when the editor's sources are as they were.
pub(super) fn bundle_editor() -> Result<()> {
    // Trunk is told to ignore this folder, and only takes that when it exists.
    fs::create_dir_all("www/generated").context("Cannot make www/generated")?;
    process::run(Command::new("node").arg("www/editor/build.mjs"))
}

fn install(cache: &Cache, log: &Log) -> Result<()> {
    let _lock = cache.lock("npm")?;
    if is_installed() {
        return Ok(());
    }
    log.run(Command::new("npm").args(["ci", "--no-progress"]))?;
    fs::copy(LOCK, INSTALLED).context("Cannot note which packages are installed")?;
    Ok(())
}

fn is_installed() -> bool {
    match (fs::read(LOCK), fs::read(INSTALLED)) {
        (Ok(wanted), Ok(installed)) => wanted == installed,
        _ => false,
    }
}

/// Of `v20.11.1`, 20.
fn major_version(answer: &str) -> Option<u32> {
    answer.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_node_is_read() {
        assert_eq!(major_version("v20.11.1\n"), Some(20));
        assert_eq!(major_version("v8.0.0"), Some(8));
        assert_eq!(major_version("command not found"), None);
    }
}
