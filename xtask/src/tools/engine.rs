//! A Docker engine to compare with: Debian's packages, unpacked into the cache and not installed.
//!
//! The newest release comes first, because its builder is nearest to the BuildKit that the core follows. Packages of
//! another release of Debian are looked up in lists of their own, so that apt's settings stay as they are. The engine
//! and its client are static enough to run anywhere; what is linked to the machine's C library comes from the machine's
//! own release.

use std::{
    env, fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};

use super::apt;
use crate::{
    cache::Cache,
    process::{self, Log},
};

const PREFIX: &str = "docker-engine-";
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
/// Where the engine comes from, the best one first; the last is the machine's own release.
const RELEASES: [&str; 3] = ["unstable", "stable", OWN];
const OWN: &str = "own";
/// What makes a container, and what is in the images.
const OF_MACHINE: [&str; 2] = ["runc", "busybox-static"];

/// The programs of an engine.
pub(crate) struct Engine {
    folder: PathBuf,
}

impl Engine {
    /// One that is there, or else one that is fetched now.
    pub(crate) fn prepare() -> Result<Engine> {
        let cache = Cache::open()?;
        let wanted = env::var("STAGELIGHT_ENGINE").unwrap_or_default();
        let is_wanted = |release: &&str| wanted.is_empty() || wanted == *release;
        let releases = || RELEASES.into_iter().filter(is_wanted);
        let known = || releases().find_map(|release| cache.get(&format!("{PREFIX}{release}")));
        if let Some(folder) = known() {
            return Ok(Engine { folder });
        }
        ensure!(apt::is_here(), "it is made of Debian's packages, and there is no apt-get");
        println!("A Docker engine is missing and will be fetched now, which takes half a minute.");
        let log = cache.log("engine")?;
        let mut why = None;
        for release in releases() {
            let made = cache.install(&format!("{PREFIX}{release}"), |folder| fetch(&log, release, folder));
            match made {
                Ok(()) => break,
                Err(error) => why = Some(error),
            }
        }
        match (known(), why) {
            (Some(folder), _) => Ok(Engine { folder }),
            (None, Some(error)) => Err(error),
            (None, None) => bail!("STAGELIGHT_ENGINE is none of {}", RELEASES.join(", ")),
        }
    }

    /// A program of it.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join("programs").join(name)
    }

    /// The client's builder, which old releases do not have.
    pub(crate) fn buildx(&self) -> Option<PathBuf> {
        let place = self.folder.join("files/usr/libexec/docker/cli-plugins/docker-buildx");
        Some(place).filter(|place| place.is_file())
    }

    /// The folder of the programs: the engine looks for the others by their names.
    pub(crate) fn programs(&self) -> PathBuf {
        self.folder.join("programs")
    }
}

fn fetch(log: &Log, release: &str, folder: &Path) -> Result<()> {
    let archives = folder.join("packages");
    fs::create_dir(&archives).context("Cannot make a folder for the packages")?;
    apt::download(log, &OF_MACHINE.map(str::to_owned), &archives)?;
    match release {
        OWN => apt::download(log, &["docker.io".to_owned(), "containerd".to_owned()], &archives)?,
        release => download(log, release, &archives)?,
    }
    let files = folder.join("files");
    for entry in fs::read_dir(&archives).context("Cannot list the packages")? {
        let archive = entry.context("Cannot list the packages")?.path();
        log.run(Command::new("dpkg-deb").arg("--extract").arg(&archive).arg(&files))?;
    }
    fs::remove_dir_all(&archives).context("Cannot remove the packages")?;
    fs::remove_dir_all(files.join("usr/share")).ok();
    link(folder)?;
    for program in ["dockerd", "containerd", "runc", "docker"] {
        let is_there =
            process::succeeds(Command::new(folder.join("programs").join(program)).arg("--version"));
        ensure!(is_there, "{program} of Debian's release '{release}' does not run on this machine");
    }
    Ok(())
}

/// All programs in one folder. The links are relative: the folder is moved when it is whole.
fn link(folder: &Path) -> Result<()> {
    let programs = folder.join("programs");
    fs::create_dir(&programs).context("Cannot make a folder for the programs")?;
    for place in ["usr/bin", "usr/sbin", "bin"] {
        for entry in fs::read_dir(folder.join("files").join(place)).into_iter().flatten().flatten() {
            let link = programs.join(entry.file_name());
            if !link.is_symlink() {
                symlink(Path::new("../files").join(place).join(entry.file_name()), link)
                    .context("Cannot link a program")?;
            }
        }
    }
    Ok(())
}

/// Fetches the engine's packages of another release, by lists that are made for this alone.
fn download(log: &Log, release: &str, archives: &Path) -> Result<()> {
    let lists = archives.with_file_name("lists");
    fs::create_dir_all(lists.join("partial")).context("Cannot make a folder for lists")?;
    // apt takes what ends otherwise for another form.
    let sources = lists.with_extension("list");
    let mirror = mirror()?;
    fs::write(&sources, format!("deb [signed-by={KEYRING}] {mirror} {release} main\n"))
        .context("Cannot write a list of sources")?;
    let command = |action: &str| {
        let mut command = apt::apt_get(action);
        command.arg("-o").arg(format!("Dir::Etc::SourceList={}", sources.display()));
        command.arg("-o").arg(format!("Dir::State::Lists={}", lists.display()));
        command.args(["-o", "Dir::Etc::SourceParts=-", "-o", "Dir::Cache::PkgCache=", "-o"]);
        command.args(["Dir::Cache::SrcPkgCache=", "-o", "Acquire::Languages=none", "-o"]);
        command.args(["Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false"]);
        command
    };
    log.run(&mut command("update"))?;
    let packages = ["docker.io", "docker-cli", "docker-buildx", "containerd"];
    log.run(command("download").args(packages).current_dir(archives))?;
    fs::remove_dir_all(&lists).context("Cannot remove the lists")?;
    fs::remove_file(&sources).context("Cannot remove the list of sources")
}

/// The server that this machine takes Debian's packages from.
fn mirror() -> Result<String> {
    let format = "$(ORIGIN) $(LABEL) $(REPO_URI)";
    let answer = process::answer(Command::new("apt-get").args([
        "indextargets",
        "--format",
        format,
        "Created-By: Packages",
    ]))?;
    let mirror = answer.lines().find_map(|line| line.strip_prefix("Debian Debian "));
    mirror.map(str::to_owned).context("this machine has no source of Debian's packages")
}
