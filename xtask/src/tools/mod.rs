//! Everything the commands need from outside: found, or else installed, before anything else happens.
//!
//! Most of the time goes into compiling Trunk, so what is missing is installed side by side. As soon as the
//! compiler for WASM is there, it compiles the site's dependencies in the shadow of Trunk.

mod apt;
mod chromium;
mod engine;
mod npm;
mod postgres;
mod trunk;
mod wasm_bindgen;
mod wasm_std;

use std::{
    collections::BTreeMap,
    env,
    ffi::OsString,
    path::PathBuf,
    process::Command,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

pub(crate) use self::engine::Engine;
pub(crate) use self::postgres::{Postgres, libraries};
use self::wasm_std::WasmStd;
use crate::{
    cache::Cache,
    process::{self, Log},
};

/// What a command needs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Need {
    /// To compile for WASM, which includes the editor: the app is compiled against its bundle.
    pub(crate) wasm: bool,
    /// To build the site, which includes `wasm`.
    pub(crate) site: bool,
    /// The site is built for release.
    pub(crate) release: bool,
    /// To test in a browser.
    pub(crate) browser: bool,
}

impl Need {
    /// Whether packages of npm are part of it.
    fn npm(self) -> bool {
        self.wasm || self.site || self.browser
    }
}

/// What was found or installed.
#[derive(Debug)]
pub(crate) struct Tools {
    wasm: Option<WasmStd>,
    /// Folders to look in before those of PATH.
    folders: Vec<PathBuf>,
    pub(crate) chromium: Option<PathBuf>,
}

impl Tools {
    /// A program that sees the tools: Trunk itself, or Cargo with a compiler for WASM.
    pub(crate) fn command(&self, program: &str) -> Result<Command> {
        let inherited = env::var_os("PATH").unwrap_or_default();
        let folders = self.folders.iter().cloned().chain(env::split_paths(&inherited));
        let path: OsString = env::join_paths(folders).context("The cache folder's name holds a colon")?;
        // Where a program is looked up is PATH of this process, so the tools are named by their place.
        let place = self.folders.iter().map(|folder| folder.join(program)).find(|place| place.exists());
        let mut command = place.map_or_else(|| Command::new(program), Command::new);
        command.env("PATH", path);
        if let Some(wasm) = &self.wasm {
            wasm.apply(&mut command);
        }
        Ok(command)
    }

    /// Whether Clippy can look at the code for WASM: it needs the standard library of its own toolchain.
    pub(crate) fn has_wasm_clippy(&self) -> bool {
        matches!(self.wasm, Some(WasmStd::OfToolchain))
    }
}

type Work = Box<dyn Fn(&Log) -> Result<()> + Send>;

/// Something that is not there yet.
struct Job {
    /// What it is, with its version.
    title: String,
    /// How it is had, and how long that takes on two cores.
    how: &'static str,
    work: Work,
}

impl Job {
    fn new(title: String, how: &'static str, work: impl Fn(&Log) -> Result<()> + Send + 'static) -> Self {
        Self { title, how, work: Box::new(work) }
    }
}

pub(crate) fn prepare(need: &Need) -> Result<Tools> {
    let cache = Cache::open()?;
    if need.npm() {
        npm::check_node()?;
    }
    let mut jobs = Vec::new();
    if need.site {
        jobs.extend(trunk::missing(&cache)?);
        jobs.extend(wasm_bindgen::missing(&cache)?);
    }
    let with_trunk = !jobs.is_empty();
    if need.site || need.wasm {
        jobs.extend(wasm_std::missing(&cache)?);
    }
    if need.npm() {
        jobs.extend(npm::missing(&cache));
    }
    if need.browser {
        jobs.extend(chromium::missing()?);
    }
    if !jobs.is_empty() {
        announce(&cache, &jobs);
        install(&cache, jobs, with_trunk.then_some(need.release))?;
    }
    collect(&cache, need)
}

/// Names the tools once all are there.
fn collect(cache: &Cache, need: &Need) -> Result<Tools> {
    let mut tools = Tools { wasm: None, folders: Vec::new(), chromium: None };
    if need.site || need.wasm {
        tools.wasm = Some(wasm_std::find(cache).context("The WASM standard library is still missing")?);
    }
    if need.site || need.wasm {
        npm::bundle_editor()?;
    }
    if need.site {
        tools.folders = vec![trunk::folder(cache)?, wasm_bindgen::folder(cache)?, npm::folder()?];
    }
    if need.browser {
        tools.chromium = Some(chromium::find().context("Chromium is still missing")?);
    }
    Ok(tools)
}

fn announce(cache: &Cache, jobs: &[Job]) {
    println!("These are missing and will be installed now:");
    let width = jobs.iter().map(|job| job.title.len()).max().unwrap_or(0);
    for job in jobs {
        println!("  {:width$}  {}", job.title, job.how);
    }
    println!("They run side by side and are kept in {}.", cache.root().display());
}

/// Runs all jobs at once and says how far they are. The first failure ends all.
fn install(cache: &Cache, jobs: Vec<Job>, site: Option<bool>) -> Result<()> {
    let start = Instant::now();
    let (done, results) = mpsc::channel::<(String, Result<()>)>();
    let mut running = BTreeMap::new();
    thread::scope(|scope| {
        for job in jobs {
            let log = cache.log(&file_name(&job.title))?;
            running.insert(job.title.clone(), log.clone());
            let done = done.clone();
            scope.spawn(move || done.send((job.title, (job.work)(&log))));
        }
        let mut site = site;
        while !running.is_empty() {
            match results.recv_timeout(Duration::from_secs(15)) {
                Ok((title, Ok(()))) => {
                    running.remove(&title);
                    println!("{}  {title}: done", clock(start));
                }
                Ok((title, Err(error))) => {
                    process::stop_all();
                    return Err(error.context(format!("{title} could not be installed")));
                }
                Err(RecvTimeoutError::Timeout) => println!("{}  {}", clock(start), progress(&running)),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if let Some(release) = site
                && !running.keys().any(|title| npm::is_title(title) || wasm_std::is_title(title))
                && !running.is_empty()
            {
                site = None;
                let log = cache.log("site")?;
                let title = "the site itself".to_owned();
                running.insert(title.clone(), log.clone());
                let (done, cache) = (done.clone(), cache.clone());
                scope.spawn(move || done.send((title, compile_site(&cache, &log, release))));
            }
        }
        Ok(())
    })
}

/// What Trunk will ask Cargo for, ahead of time. That the code does not compile is Trunk's to say.
fn compile_site(cache: &Cache, log: &Log, release: bool) -> Result<()> {
    npm::bundle_editor()?;
    let mut command = Command::new("cargo");
    command.args(["build", "--target", "wasm32-unknown-unknown", "--bin", "stagelight-web"]);
    if release {
        command.args(["--profile", "web"]);
    }
    wasm_std::find(cache).context("The WASM standard library is still missing")?.apply(&mut command);
    log.run(&mut command).ok();
    Ok(())
}

fn progress(running: &BTreeMap<String, Log>) -> String {
    let parts = running.iter().map(|(title, log)| match log.n_crates() {
        0 => title.clone(),
        n_crates => format!("{title} ({n_crates} crates)"),
    });
    format!("at work: {}", parts.collect::<Vec<_>>().join(", "))
}

fn clock(start: Instant) -> String {
    let seconds = start.elapsed().as_secs();
    format!("[{:2}:{:02}]", seconds / 60, seconds % 60)
}

fn file_name(title: &str) -> String {
    title.to_lowercase().replace(|it: char| !it.is_ascii_alphanumeric() && it != '.', "-")
}

/// The version of a package in the text of a `Cargo.lock`.
fn locked_version(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1)?.strip_prefix("version = \"")?;
    Some(version.strip_suffix('"')?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_come_from_the_lock_file() {
        let lock = "\
[[package]]
name = \"wasm-bindgen-shared\"
version = \"0.2.131\"

[[package]]
name = \"wasm-bindgen\"
version = \"0.2.130\"
source = \"registry\"
";
        assert_eq!(locked_version(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(locked_version(lock, "wasm"), None);
        assert_eq!(locked_version("", "wasm-bindgen"), None);
        assert_eq!(locked_version("name = \"wasm-bindgen\"", "wasm-bindgen"), None);
    }

    #[test]
    fn titles_become_file_names() {
        assert_eq!(file_name("Trunk 0.21.14"), "trunk-0.21.14");
        assert_eq!(file_name("WASM standard library"), "wasm-standard-library");
    }
}
