//! Debian's package manager: installs a package, or only fetches it.
//!
//! A new machine has no lists of packages, and an old one has lists that name files long gone. Root can renew
//! them, so both are met by `apt-get update` and a second try.

use std::{
    path::Path,
    process::Command,
    sync::{Mutex, PoisonError},
};

use anyhow::{Context, Result, bail};

use crate::process::{self, Log};

/// Two jobs of one run never call apt at the same time: it would refuse the second.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

pub(super) fn is_here() -> bool {
    process::find("apt-get").is_some()
}

pub(super) fn can_install() -> bool {
    is_here() && is_root()
}

pub(super) fn install(log: &Log, package: &str) -> Result<()> {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let attempt = || {
        let mut command = apt_get("install");
        command.args(["-y", "--no-install-recommends", package]).env("DEBIAN_FRONTEND", "noninteractive");
        log.run(&mut command)
    };
    attempt().or_else(|_| {
        update(log)?;
        attempt()
    })
}

/// The version that would be installed. Renews the lists when they do not have one.
pub(super) fn candidate(log: &Log, package: &str) -> Result<String> {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(version) = policy(package)? {
        return Ok(version);
    }
    update(log)?;
    policy(package)?.with_context(|| format!("Debian's sources on this machine have no {package}"))
}

/// The package of this name, among all that another needs, directly or not.
pub(super) fn needed(package: &str, by: &str) -> Result<String> {
    let mut command = Command::new("apt-cache");
    command.args([
        "depends",
        "--recurse",
        "--no-recommends",
        "--no-suggests",
        "--no-conflicts",
        "--no-breaks",
    ]);
    let answer = process::answer(command.args(["--no-replaces", "--no-enhances", by]))?;
    let names = answer.lines().filter(|line| !line.starts_with([' ', '|']));
    names
        .filter(|name| {
            name.strip_prefix(package).is_some_and(|rest| rest.bytes().all(|it| it.is_ascii_digit()))
        })
        .max_by_key(|name| name[package.len()..].parse::<u32>().unwrap_or(0))
        .map(str::to_owned)
        .with_context(|| format!("{by} needs no {package} on this Debian"))
}

/// Fetches packages into a folder without installing them, which takes no rights.
pub(super) fn download(log: &Log, packages: &[String], folder: &Path) -> Result<()> {
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let attempt = || log.run(apt_get("download").args(packages).current_dir(folder));
    attempt().or_else(|_| {
        update(log)?;
        attempt()
    })
}

fn update(log: &Log) -> Result<()> {
    if !is_root() {
        bail!(
            "The lists of Debian packages are missing or old: run `apt-get update` as root, then this again"
        );
    }
    log.run(&mut apt_get("update")).context("The lists of Debian packages could not be renewed")
}

pub(super) fn apt_get(action: &str) -> Command {
    let mut command = Command::new("apt-get");
    command.args(["-q", "-o", "Acquire::Retries=3"]);
    if is_root() {
        // Else it gives up root for a user that may not enter the folder, and warns about that.
        command.args(["-o", "APT::Sandbox::User=root"]);
    }
    command.arg(action);
    command
}

fn policy(package: &str) -> Result<Option<String>> {
    let answer = process::answer(Command::new("apt-cache").args(["policy", package]).env("LC_ALL", "C"))?;
    Ok(read_candidate(&answer))
}

fn read_candidate(policy: &str) -> Option<String> {
    let version = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate: "))?;
    Some(version.to_owned()).filter(|version| version != "(none)")
}

fn is_root() -> bool {
    process::answer(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_without_a_candidate_is_not_there() {
        assert_eq!(read_candidate("rustc-web:\n  Installed: (none)\n  Candidate: (none)\n"), None);
        assert_eq!(read_candidate(""), None);
        assert_eq!(
            read_candidate("rustc-web:\n  Installed: (none)\n  Candidate: 1.96.0+dfsg1-1\n").as_deref(),
            Some("1.96.0+dfsg1-1")
        );
    }
}
