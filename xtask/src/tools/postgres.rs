//! A PostgreSQL to test with: Debian's packages, unpacked into the cache and not installed.
//!
//! The package is the machine's own release's, since it is linked to the machine's libraries; of those, what is not
//! installed is unpacked beside it. LLVM, which is larger than all of the rest, is for compiling queries, and stays away.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use super::apt;
use crate::{
    cache::Cache,
    process::{self, Log},
};

const PREFIX: &str = "postgresql-";
/// The package that needs the newest one.
const NEWEST: &str = "postgresql";

/// The programs of a PostgreSQL.
pub(crate) struct Postgres {
    folder: PathBuf,
    version: String,
}

impl Postgres {
    /// One that is there, or else one that is fetched now.
    pub(crate) fn prepare() -> Result<Postgres> {
        let cache = Cache::open()?;
        let known = || {
            let names = cache.names();
            let version = names.iter().find_map(|name| name.strip_prefix(PREFIX))?;
            Some(Postgres { folder: cache.get(&format!("{PREFIX}{version}"))?, version: version.to_owned() })
        };
        if let Some(postgres) = known() {
            return Ok(postgres);
        }
        ensure!(apt::is_here(), "it is made of Debian's packages, and there is no apt-get");
        println!("PostgreSQL is missing and will be fetched now, which takes some seconds.");
        let log = cache.log("postgresql")?;
        apt::candidate(&log, NEWEST)?;
        let package = apt::needed(PREFIX, NEWEST)?;
        cache.install(&package, |folder| fetch(&log, &package, folder))?;
        known().context("it is lost again")
    }

    /// The folder of all that it needs; the programs find the rest by their own place.
    pub(crate) fn files(&self) -> PathBuf {
        self.folder.join("files")
    }

    /// Where its programs lie in that.
    pub(crate) fn programs(&self) -> PathBuf {
        Path::new("usr/lib/postgresql").join(&self.version).join("bin")
    }
}

/// The folders of libraries in such a folder.
pub(crate) fn libraries(files: &Path) -> Vec<PathBuf> {
    let within = |folder: &str| fs::read_dir(files.join(folder)).into_iter().flatten().flatten();
    let folders = ["usr/lib", "lib"].into_iter().flat_map(within).map(|entry| entry.path());
    folders.filter(|path| path.to_string_lossy().ends_with("-linux-gnu")).collect()
}

fn fetch(log: &Log, package: &str, folder: &Path) -> Result<()> {
    let archives = folder.join("packages");
    fs::create_dir(&archives).context("Cannot make a folder for the packages")?;
    let mut packages = missing_libraries(package)?;
    packages.push(package.to_owned());
    apt::download(log, &packages, &archives)?;
    let files = folder.join("files");
    for entry in fs::read_dir(&archives).context("Cannot list the packages")? {
        let archive = entry.context("Cannot list the packages")?.path();
        log.run(Command::new("dpkg-deb").arg("--extract").arg(&archive).arg(&files))?;
    }
    fs::remove_dir_all(&archives).context("Cannot remove the packages")?;
    for unused in ["usr/share/doc", "usr/share/locale", "usr/share/man"] {
        fs::remove_dir_all(files.join(unused)).ok();
    }
    let version = package.strip_prefix(PREFIX).unwrap_or_default();
    let programs = files.join("usr/lib/postgresql").join(version).join("bin");
    let path = std::env::join_paths(libraries(&files)).context("The cache folder's name holds a colon")?;
    for program in ["postgres", "initdb"] {
        let mut command = Command::new(programs.join(program));
        let runs = process::succeeds(command.arg("--version").env("LD_LIBRARY_PATH", &path));
        ensure!(runs, "{program} of Debian's package {package} does not run on this machine");
    }
    Ok(())
}

/// The libraries that a package needs, directly or not, and the machine does not have.
fn missing_libraries(package: &str) -> Result<Vec<String>> {
    let mut missing = BTreeSet::new();
    let mut asked = vec![package.to_owned()];
    while !asked.is_empty() {
        let answer =
            process::answer(Command::new("apt-cache").args(["depends", "--important"]).args(&asked))?;
        asked = needed(&answer).filter(|name| !is_installed(name) && missing.insert(name.clone())).collect();
    }
    Ok(missing.into_iter().collect())
}

/// The libraries in an answer of `apt-cache depends`.
fn needed(answer: &str) -> impl Iterator<Item = String> {
    let names =
        answer.lines().filter_map(|line| line.trim().trim_start_matches('|').strip_prefix("Depends: "));
    let is_library = |name: &&str| name.starts_with("lib") || *name == "zlib1g";
    names.filter(is_library).filter(|name| !name.starts_with("libllvm")).map(str::to_owned)
}

fn is_installed(package: &str) -> bool {
    let mut command = Command::new("dpkg-query");
    process::answer(command.args(["--show", "--showformat", "${db:Status-Status}", package]))
        .is_ok_and(|status| status.starts_with("installed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_libraries_are_fetched_beside_it() {
        let answer = "\
postgresql-15
 |Depends: locales
  Depends: ssl-cert
  Depends: libicu72
  Depends: libllvm14
  Depends: <debconf-2.0>
    cdebconf
  Depends: libsystemd0
    libelogind0
  Depends: zlib1g
";
        assert_eq!(needed(answer).collect::<Vec<_>>(), ["libicu72", "libsystemd0", "zlib1g"]);
    }
}
