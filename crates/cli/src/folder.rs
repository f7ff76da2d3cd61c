//! The build context on disk: what `.dockerignore` says, and the names and sizes of the files.
//!
//! As BuildKit does, a `<Dockerfile>.dockerignore` beside the Dockerfile is read instead of the one in the context.
//! Symbolic links are listed like files and never followed, so nothing outside of the folder is looked at.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};

use dockerfile::context::{BuildContext, ContextFile};
use dockerfile::text;

use crate::files;

/// A context with more files was hardly meant; it would take long to list, too.
const MAX_FILES: usize = 100_000;

/// A folder that was given as the build context.
pub(crate) struct Folder {
    /// What stands in its own `.dockerignore`.
    ignore: Option<String>,
    context: BuildContext,
    /// Why its files are not known.
    pub(crate) doubt: Option<String>,
}

impl Folder {
    /// Reads `.dockerignore` and lists the files.
    ///
    /// # Errors
    /// A sentence, if there is no such folder, or its `.dockerignore` cannot be read.
    pub(crate) fn read(folder: &Path) -> Result<Folder, String> {
        Folder::read_within(folder, MAX_FILES)
    }

    fn read_within(folder: &Path, max_files: usize) -> Result<Folder, String> {
        let is_folder = fs::metadata(folder)
            .map_err(|error| {
                format!("Cannot read the context {}: {}", folder.display(), files::reason(&error))
            })?
            .is_dir();
        if !is_folder {
            return Err(format!("Cannot read the context {}: it is not a directory", folder.display()));
        }
        let ignore = read_ignore(&folder.join(".dockerignore"))?;
        let (files, doubt) = match list(folder, max_files) {
            Ok(files) => (Some(files), None),
            Err(doubt) => (None, Some(doubt)),
        };
        Ok(Folder { ignore, context: BuildContext { files, ..BuildContext::default() }, doubt })
    }

    /// The context for a Dockerfile at a path.
    ///
    /// # Errors
    /// A sentence, if its own `.dockerignore` cannot be read.
    pub(crate) fn context(&mut self, dockerfile: &Path) -> Result<&BuildContext, String> {
        let beside = match dockerfile.file_name() {
            Some(name) if dockerfile != Path::new("-") => {
                let mut name = OsString::from(name);
                name.push(".dockerignore");
                read_ignore(&dockerfile.with_file_name(name))?
            }
            Some(_) | None => None,
        };
        self.context.ignore = beside.or_else(|| self.ignore.clone());
        Ok(&self.context)
    }
}

fn read_ignore(path: &Path) -> Result<Option<String>, String> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(text::decode(&bytes).0.into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("Cannot read {}: {}", path.display(), files::reason(&error))),
    }
}

/// All files below a folder and the directories with nothing in them, in order; else a sentence that says why they are not known.
fn list(root: &Path, max_files: usize) -> Result<Vec<ContextFile>, String> {
    let mut found = Vec::new();
    let mut folders = vec![(PathBuf::from(root), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let cannot = |error: io::Error| {
            format!(
                "Cannot list {}, so what rests on the context's files is left out: {}",
                folder.display(),
                files::reason(&error)
            )
        };
        let mut is_empty = true;
        for entry in fs::read_dir(&folder).map_err(cannot)? {
            let entry = entry.map_err(cannot)?;
            is_empty = false;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            // The type of the entry itself, not of what a link points to.
            if entry.file_type().map_err(cannot)?.is_dir() {
                folders.push((entry.path(), format!("{name}/")));
            } else if found.len() < max_files {
                let size = entry.metadata().ok().filter(|it| it.is_file()).map(|it| it.len());
                found.push(ContextFile { path: name, size });
            } else {
                return Err(format!(
                    "{} has more than {max_files} files, so what rests on them is left out",
                    root.display()
                ));
            }
        }
        // Of other directories the files in them tell.
        if is_empty && !prefix.is_empty() {
            found.push(ContextFile { path: prefix, size: None });
        }
    }
    found.sort_unstable();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_a_folder_are_listed_and_links_are_not_followed() {
        let root = std::env::temp_dir().join(format!("stagelight-context-{}", std::process::id()));
        fs::create_dir_all(root.join("src/a")).unwrap();
        fs::create_dir_all(root.join("logs")).unwrap();
        for (path, content) in
            [("src/a/b.rs", ""), ("x", ""), (".dockerignore", "x\n"), ("own.dockerignore", "y\n")]
        {
            fs::write(root.join(path), content).unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink("/", root.join("src/root")).unwrap();
        let mut folder = Folder::read(&root).unwrap();
        let context = folder.context(&root.join("Dockerfile")).unwrap();
        let files = context.files.iter().flatten();
        let expected = [".dockerignore", "logs/", "own.dockerignore", "src/a/b.rs", "src/root", "x"];
        let expected = expected.iter().filter(|it| cfg!(unix) || **it != "src/root");
        assert!(files.clone().map(|file| file.path.as_str()).eq(expected.copied()), "{context:?}");
        let size = |path: &str| files.clone().find(|file| file.path == path).and_then(|file| file.size);
        assert_eq!((size(".dockerignore"), size("x"), size("src/root")), (Some(2), Some(0), None));
        assert_eq!(context.ignore.as_deref(), Some("x\n"));
        assert_eq!(folder.context(&root.join("own")).unwrap().ignore.as_deref(), Some("y\n"));
        assert_eq!(folder.context(Path::new("-")).unwrap().ignore.as_deref(), Some("x\n"));

        let too_many = Folder::read_within(&root, 2).unwrap();
        assert!(too_many.doubt.unwrap().contains("more than 2 files"));
        assert_eq!(too_many.context.files, None);
        assert!(Folder::read(&root.join("x")).err().unwrap().contains("not a directory"));
        assert!(Folder::read(&root.join("none")).err().unwrap().contains("no such file"));
        fs::remove_dir_all(root).unwrap();
    }
}
