//! Starts other programs, and turns what they say into one sentence when they fail.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// Set when one of several installations failed: the others end what they started and stop.
static STOP: AtomicBool = AtomicBool::new(false);

pub(crate) fn stop_all() {
    STOP.store(true, Ordering::Relaxed);
}

/// Runs a program that speaks for itself: its output goes to the terminal.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| cannot_start(command))?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs a program for its answer on the standard output.
pub(crate) fn answer(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| cannot_start(command))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
        bail!("`{}` failed: {}", shown(command), last.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program is there and answers without an error.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// Where a program is, by the folders of PATH.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|candidate| candidate.is_file())
}

/// A file that takes the output of a long job, so that several can run at once.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    path: PathBuf,
}

impl Log {
    pub(crate) fn new(folder: &Path, name: &str) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("Cannot make {}", folder.display()))?;
        let path = folder.join(format!("{name}.log"));
        File::create(&path).with_context(|| format!("Cannot write {}", path.display()))?;
        Ok(Self { path })
    }

    /// How many crates Cargo has begun to compile.
    pub(crate) fn n_crates(&self) -> usize {
        self.text().lines().filter(|line| line.trim_start().starts_with("Compiling ")).count()
    }

    pub(crate) fn run(&self, command: &mut Command) -> Result<()> {
        self.run_within(command, Duration::MAX)
    }

    /// Runs a program into the log; it is ended after `limit`, or when another job failed.
    pub(crate) fn run_within(&self, command: &mut Command, limit: Duration) -> Result<()> {
        let file = File::options().append(true).open(&self.path).context("Cannot open a log")?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone().context("Cannot share a log")?)
            .stderr(file)
            .spawn()
            .with_context(|| cannot_start(command))?;
        match wait(child, limit).with_context(|| format!("Lost `{}`", shown(command)))? {
            Some(status) if status.success() => Ok(()),
            Some(_) => bail!("{}", self.cause(&shown(command))),
            None => bail!("`{}` did not end in time", shown(command)),
        }
    }

    fn cause(&self, command: &str) -> String {
        let place = self.path.display();
        if speaks_of_network(&self.text()) {
            format!("a download failed; check the network and run the command again (all output: {place})")
        } else {
            format!("`{command}` failed; its output is in {place}")
        }
    }

    fn text(&self) -> String {
        fs::read(&self.path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }
}

/// The words Cargo, npm, rustup and apt use when a server cannot be reached.
fn speaks_of_network(text: &str) -> bool {
    const WORDS: [&str; 12] = [
        "Could not resolve",
        "Couldn't resolve",
        "Temporary failure",
        "failed to download",
        "Unable to fetch",
        "Failed to fetch",
        "could not download",
        "ENOTFOUND",
        "EAI_AGAIN",
        "ECONNREFUSED",
        "ECONNRESET",
        "ETIMEDOUT",
    ];
    WORDS.iter().any(|word| text.contains(word))
}

fn wait(mut child: Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() > limit || STOP.load(Ordering::Relaxed) {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(50));
    }
}

fn cannot_start(command: &Command) -> String {
    format!("Cannot start `{}`", command.get_program().to_string_lossy())
}

/// The program and its first arguments, as one would type them.
fn shown(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = command.get_args().take(3).map(|arg| arg.to_string_lossy());
    std::iter::once(name.to_string_lossy()).chain(words).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_named() {
        let error = run(&mut Command::new("no-such-program-anywhere")).unwrap_err();
        assert_eq!(error.to_string(), "Cannot start `no-such-program-anywhere`");
    }

    #[test]
    fn the_network_is_told_from_other_failures() {
        assert!(speaks_of_network("npm error code EAI_AGAIN"));
        assert!(speaks_of_network("warning: spurious network error: Could not resolve host"));
        assert!(!speaks_of_network("error[E0308]: mismatched types"));
    }

    #[test]
    fn a_command_is_shown_short() {
        let mut command = Command::new("/usr/bin/cargo");
        command.args(["install", "trunk", "--locked", "--root", "/somewhere"]);
        assert_eq!(shown(&command), "cargo install trunk --locked");
    }
}
