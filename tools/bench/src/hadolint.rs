//! hadolint beside our own findings, where it is installed: on the PATH, or where STAGELIGHT_HADOLINT says.
//!
//! Both get the same files; ours are read from the disk too. Surprising: hadolint is measured by the processor time
//! that the system counts for programs that have ended, since its run-time system has threads of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, fs};

use anyhow::{Context, Result};

use crate::cpu_time;
use crate::files::File;
use crate::readers::FINDINGS;

/// Files of one call: a command line takes only so many.
const BATCH: usize = 250;

pub(crate) fn print(files: &[File]) -> Result<()> {
    let program = env::var_os("STAGELIGHT_HADOLINT").unwrap_or_else(|| "hadolint".into());
    let version = Command::new(&program).arg("--version").output();
    let Some(version) = version.ok().filter(|it| it.status.success()) else {
        println!("hadolint is not installed; STAGELIGHT_HADOLINT may say where it is\n");
        return Ok(());
    };
    if children_time().is_none() {
        println!("hadolint: this system does not tell the processor time of other programs\n");
        return Ok(());
    }
    let folder = env::temp_dir().join(format!("stagelight-bench-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let result = measure(&program, &folder, files);
    fs::remove_dir_all(&folder).ok();
    let (theirs, ours) = result?;
    let per_file = |time: Duration| time.as_secs_f64() * 1e6 / files.len() as f64;
    println!("{}, on the same {} files:", String::from_utf8_lossy(&version.stdout).trim(), files.len());
    println!("  {:<22}{:>20.2} µs a file", "hadolint", per_file(theirs));
    println!("  {:<22}{:>20.2} µs a file", FINDINGS.name, per_file(ours));
    println!("  {:<22}{:>20.0}×\n", "hadolint ÷ ours", theirs.as_secs_f64() / ours.as_secs_f64());
    Ok(())
}

/// The times of hadolint and of ours for all files.
fn measure(program: &std::ffi::OsStr, folder: &Path, files: &[File]) -> Result<(Duration, Duration)> {
    let mut paths: Vec<PathBuf> = Vec::with_capacity(files.len());
    for (idx, file) in files.iter().enumerate() {
        let path = folder.join(format!("{idx}.Dockerfile"));
        fs::write(&path, &file.text).with_context(|| format!("Cannot write {}", path.display()))?;
        paths.push(path);
    }
    // Once is enough: it is a matter of a minute, and the times lie far apart.
    let before = children_time().unwrap_or_default();
    for batch in paths.chunks(BATCH) {
        let mut command = Command::new(program);
        command.args(["--no-fail", "--format", "json"]).args(batch).current_dir(folder);
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().context("Cannot run hadolint")?;
    }
    let theirs = children_time().unwrap_or_default().saturating_sub(before);
    let ours = cpu_time(|| {
        for path in &paths {
            let bytes = fs::read(path).unwrap_or_default();
            std::hint::black_box((FINDINGS.read)(&dockerfile::text::decode(&bytes).0));
        }
    });
    Ok((theirs, ours))
}

/// The processor time of all programs that were started here and have ended; `None` where nothing tells it.
fn children_time() -> Option<Duration> {
    /// The system counts in hundredths of a second, whatever its clock does.
    const TICK: Duration = Duration::from_millis(10);
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the name in brackets, which may hold anything: user and system time of children are 14th and 15th.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<u32>().ok();
    Some(TICK * (ticks(13)? + ticks(14)?))
}
