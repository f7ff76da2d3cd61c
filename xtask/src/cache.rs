//! The folder of installed tools, outside the project: one folder a tool and version.
//!
//! A tool is made under `unfinished/` and moved into place when it is whole, so what is in place is whole, also
//! after a run was killed. A lock, which ends with its process, keeps two runs from making the same tool.

use std::{
    env, fs,
    fs::{File, TryLockError},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::process::Log;

#[derive(Clone, Debug)]
pub(crate) struct Cache {
    root: PathBuf,
}

impl Cache {
    pub(crate) fn open() -> Result<Self> {
        let root = place(|name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from))
            .context("There is no home folder to keep tools in; set STAGELIGHT_CACHE to a folder")?;
        Self::at(root)
    }

    fn at(root: PathBuf) -> Result<Self> {
        fs::create_dir_all(&root).with_context(|| {
            format!("Cannot make {}; set STAGELIGHT_CACHE to a folder that can be written", root.display())
        })?;
        let root = root.canonicalize().with_context(|| format!("Cannot find {}", root.display()))?;
        Ok(Self { root })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of an installed tool, when it is there.
    pub(crate) fn get(&self, name: &str) -> Option<PathBuf> {
        Some(self.root.join(name)).filter(|place| place.exists())
    }

    /// The folders of all installed tools.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.root).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }

    /// Installs a tool: `make` fills the folder that it is given. Does nothing when another run did so meanwhile.
    pub(crate) fn install(&self, name: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
        let _lock = self.lock(name)?;
        if self.get(name).is_some() {
            return Ok(());
        }
        let unfinished = self.root.join("unfinished").join(name);
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished)
                .with_context(|| format!("Cannot remove {}", unfinished.display()))?;
        }
        fs::create_dir_all(&unfinished).with_context(|| format!("Cannot make {}", unfinished.display()))?;
        make(&unfinished)?;
        fs::rename(&unfinished, self.root.join(name)).context("Cannot move a tool into place")
    }

    /// A folder for Cargo's work on a tool. It stays after a failure, so that a second try goes on from there.
    pub(crate) fn build_folder(&self, name: &str) -> PathBuf {
        self.root.join("build").join(name)
    }

    pub(crate) fn log(&self, name: &str) -> Result<Log> {
        Log::new(&self.root.join("logs"), name)
    }

    /// Waits until no other run holds the lock of this name.
    pub(crate) fn lock(&self, name: &str) -> Result<File> {
        let folder = self.root.join("locks");
        fs::create_dir_all(&folder).with_context(|| format!("Cannot make {}", folder.display()))?;
        let file = File::create(folder.join(name)).context("Cannot make a lock")?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                println!("Another run is at {name}; waiting for it");
                file.lock().context("Cannot wait for another run")?;
            }
            Err(TryLockError::Error(error)) => return Err(error).context("Cannot take a lock"),
        }
        Ok(file)
    }
}

fn place(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    variable("STAGELIGHT_CACHE")
        .or_else(|| Some(variable("XDG_CACHE_HOME")?.join("stagelight")))
        .or_else(|| Some(variable("HOME")?.join(".cache").join("stagelight")))
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    fn scratch(name: &str) -> Cache {
        let root = env::temp_dir().join(format!("stagelight-{name}-{}", std::process::id()));
        Cache::at(root).unwrap()
    }

    #[test]
    fn a_failed_installation_does_not_count() {
        let cache = scratch("failed");
        let failed = cache.install("tool-1", |folder| {
            fs::write(folder.join("half"), "")?;
            bail!("the network is gone")
        });
        assert!(failed.is_err());
        assert_eq!(cache.get("tool-1"), None);

        cache.install("tool-1", |folder| Ok(fs::write(folder.join("whole"), "")?)).unwrap();
        let tool = cache.get("tool-1").unwrap();
        assert!(tool.join("whole").exists());
        assert!(!tool.join("half").exists());
        fs::remove_dir_all(cache.root()).unwrap();
    }

    #[test]
    fn an_installed_tool_is_not_made_again() {
        let cache = scratch("twice");
        cache.install("tool-1", |_| Ok(())).unwrap();
        cache.install("tool-1", |_| bail!("made again")).unwrap();
        fs::remove_dir_all(cache.root()).unwrap();
    }

    #[test]
    fn the_nearest_setting_names_the_place() {
        let path = |text: &str| Some(PathBuf::from(text));
        let home = |name: &str| (name == "HOME").then(|| PathBuf::from("/h"));
        assert_eq!(place(home), path("/h/.cache/stagelight"));
        assert_eq!(place(|name| (name != "STAGELIGHT_CACHE").then(|| "/x".into())), path("/x/stagelight"));
        assert_eq!(place(|_| path("/mine")), path("/mine"));
        assert_eq!(place(|_| None), None);
    }
}
