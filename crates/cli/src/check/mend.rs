//! `--fix` and `--diff`: what is mended, where it goes, and how it is shown.
//!
//! A file is replaced in one step, so that nobody ever finds half of it; it keeps its permissions, and where it is a
//! symbolic link, the link stays and what it points to changes.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use similar::{ChangeTag, TextDiff};

use crate::files;
use crate::text::{Style, clean};

/// Differences that take longer to find are found less well.
const PATIENCE: Duration = Duration::from_secs(2);

/// Puts a text in place of a file.
///
/// # Errors
/// A sentence that says why that cannot be done; the file is then as it was.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), String> {
    let cannot = |why: &str| format!("Cannot write {}: {why}", path.display());
    let of = |error: io::Error| cannot(&files::reason(&error));
    let real = fs::canonicalize(path).map_err(of)?;
    let metadata = fs::metadata(&real).map_err(of)?;
    if !metadata.is_file() {
        return Err(cannot("it is not a regular file"));
    }
    if metadata.permissions().readonly() {
        return Err(cannot("it is read-only"));
    }
    let beside = beside(&real);
    let written = OpenOptions::new().write(true).create_new(true).open(&beside).and_then(|mut file| {
        file.set_permissions(metadata.permissions())?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.and_then(|()| fs::rename(&beside, &real)).map_err(|error| {
        fs::remove_file(&beside).ok();
        of(error)
    })
}

/// A name in the same folder that nobody else uses.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.stagelight", std::process::id()))
}

/// The difference between two texts, as `patch -p1` and `git apply` take it.
pub(super) fn diff(out: &mut impl Write, path: &str, old: &str, new: &str, style: &Style) -> io::Result<()> {
    let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(old, new);
    let path = path.trim_start_matches("./");
    let (before, after) = match path.starts_with('/') {
        true => (path.to_owned(), path.to_owned()),
        false => (format!("a/{path}"), format!("b/{path}")),
    };
    // A terminal gets colours and nothing that it might obey; a program gets every byte.
    if !style.is_on() {
        return write!(out, "{}", diff.unified_diff().header(&before, &after));
    }
    writeln!(
        out,
        "{}\n{}",
        style.strong(&format!("--- {}", clean(&before))),
        style.strong(&format!("+++ {}", clean(&after)))
    )?;
    for hunk in diff.unified_diff().iter_hunks() {
        writeln!(out, "{}", style.dim(&hunk.header().to_string()))?;
        for change in hunk.iter_changes() {
            let line = clean(change.value().trim_end_matches(['\n', '\r']));
            let line = match change.tag() {
                ChangeTag::Delete => style.error(&format!("-{line}")),
                ChangeTag::Insert => style.good(&format!("+{line}")),
                ChangeTag::Equal => format!(" {line}"),
            };
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_in_one_step() {
        let folder = std::env::temp_dir().join(format!("stagelight-mend-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("a");
        fs::write(&file, "old").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::{PermissionsExt, symlink};
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
            symlink("a", folder.join("link")).unwrap();
            replace(&folder.join("link"), "linked").unwrap();
            assert!(fs::symlink_metadata(folder.join("link")).unwrap().is_symlink());
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o755);
            assert_eq!(fs::read_to_string(&file).unwrap(), "linked");
        }
        replace(&file, "new").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        let mut permissions = fs::metadata(&file).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&file, permissions).unwrap();
        assert!(replace(&file, "x").unwrap_err().contains("it is read-only"));
        assert!(replace(&folder, "x").unwrap_err().contains("not a regular file"));
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|it| it.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| name == "a" || name == "link"), "{left:?}");
        fs::remove_dir_all(folder).unwrap();
    }
}
