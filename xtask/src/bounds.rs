//! What an engine of the tests may use: a disk of its own, and so much memory and so many processes.
//!
//! BuildKit bounds none of that itself; docs/server.md says how people do it, and this does the same. Where the machine
//! does not permit one of them, the engine goes without, and a line says so.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{self, Command},
};

use anyhow::{Context, Result, ensure};

use crate::process::succeeds;

/// Bytes of the disk; the file for it takes as many as are used.
const DISK: u64 = 1536 << 20;
/// Files that it can hold.
const FILES: &str = "32768";
/// For all builds together.
const MEMORY: u64 = 256 << 20;
const PROCESSES: u64 = 400;
const GROUPS: &str = "/sys/fs/cgroup";

/// What holds, until this is dropped.
pub(crate) struct Bounds {
    mounted: Option<PathBuf>,
    /// The name of the control group.
    group: Option<String>,
    /// In words that tests know: `disk`, `memory`, `processes`.
    kinds: Vec<&'static str>,
}

impl Bounds {
    /// Sets them up for an engine that will be in `root`.
    pub(crate) fn new(root: &Path) -> Bounds {
        let mut bounds = Bounds { mounted: None, group: None, kinds: Vec::new() };
        match bounds.mount(root) {
            Ok(()) => bounds.kinds.push("disk"),
            Err(why) => println!("The engine has no disk of its own: {why:#}"),
        }
        match bounds.join() {
            Ok(()) => bounds.kinds.extend(["memory", "processes"]),
            Err(why) => {
                bounds.leave();
                println!("The engine's builds are in no control group: {why:#}");
            }
        }
        bounds
    }

    /// The control group that builds have to be in.
    pub(crate) fn group(&self) -> Option<&str> {
        self.group.as_deref()
    }

    /// What is bounded.
    pub(crate) fn kinds(&self) -> String {
        self.kinds.join(",")
    }

    /// Gives all of it back.
    pub(crate) fn lift(&mut self) {
        if let Some(root) = self.mounted.take() {
            // What is mounted within, or busy for a moment, goes later.
            succeeds(Command::new("umount").args(["--lazy", "--recursive"]).arg(root));
        }
        self.leave();
    }

    fn leave(&mut self) {
        let Some(group) = self.group.take() else { return };
        // Containers have made it in every hierarchy.
        let folders = fs::read_dir(GROUPS).into_iter().flatten().flatten().map(|it| it.path());
        for folder in folders.chain([PathBuf::from(GROUPS)]) {
            remove(&folder.join(group.trim_start_matches('/')));
        }
    }

    fn mount(&mut self, root: &Path) -> Result<()> {
        let image = root.with_extension("image");
        fs::create_dir_all(root)?;
        fs::File::create(&image).and_then(|file| file.set_len(DISK)).context("there is no room for it")?;
        let made = Command::new("mkfs.ext4")
            .args(["-q", "-F", "-O", "^has_journal", "-N", FILES])
            .arg(&image)
            .status();
        ensure!(made.is_ok_and(|it| it.success()), "mkfs.ext4 does not make one");
        ensure!(
            succeeds(Command::new("mount").args(["-o", "loop"]).arg(&image).arg(root)),
            "it cannot be mounted"
        );
        self.mounted = Some(root.to_owned());
        Ok(())
    }

    fn join(&mut self) -> Result<()> {
        let name = format!("stagelight-{}", process::id());
        // Also if only a part of it can be made.
        self.group = Some(format!("/{name}"));
        let root = Path::new(GROUPS);
        if root.join("cgroup.controllers").is_file() {
            let folder = root.join(&name);
            self.make(&folder, &[("memory.max", MEMORY), ("memory.swap.max", 0), ("pids.max", PROCESSES)])?;
        } else {
            self.make(&root.join("memory").join(&name), &[("memory.limit_in_bytes", MEMORY)])?;
            self.make(&root.join("pids").join(&name), &[("pids.max", PROCESSES)])?;
        }
        Ok(())
    }

    fn make(&self, folder: &Path, values: &[(&str, u64)]) -> Result<()> {
        fs::create_dir(folder).context("none can be made")?;
        for (key, value) in values {
            let file = folder.join(key);
            // Where there is no swap, there is none to bound.
            if *key != "memory.swap.max" || file.exists() {
                fs::write(&file, value.to_string()).with_context(|| format!("{key} cannot be set"))?;
            }
        }
        Ok(())
    }
}

impl Drop for Bounds {
    fn drop(&mut self) {
        self.lift();
    }
}

/// Removes a control group with those in it; only folders can be.
fn remove(group: &Path) {
    for entry in fs::read_dir(group).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|it| it.is_dir()) {
            remove(&entry.path());
        }
    }
    fs::remove_dir(group).ok();
}
