//! The files of a case on the disk.

use std::fs::{self, File, Permissions};
use std::io::{self, Result};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use dockerfile::queries::cache::What;

use crate::case::Case;
use crate::contexts;

/// Writes what a case begins with: the context in `context`, named contexts beside it, secrets in `secrets`.
pub(crate) fn before(case: &Case) -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("engine-case");
    match fs::remove_dir_all(&root) {
        Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
        _ => {}
    }
    let context = root.join("context");
    fs::create_dir_all(&context)?;
    fs::create_dir_all(root.join("secrets"))?;
    for path in &case.files {
        write(&context.join(path), &format!("{path}\n"))?;
    }
    for (name, paths) in &case.contexts {
        for path in paths {
            write(&root.join(name).join(path), &format!("{path}\n"))?;
        }
    }
    if let Some(ignore) = &case.ignore {
        fs::write(context.join(".dockerignore"), ignore)?;
    }
    for (id, value, _) in &case.secrets {
        fs::write(root.join("secrets").join(id), value)?;
        fs::write(root.join("secrets/other"), "other")?;
    }
    fs::write(root.join("Dockerfile"), &case.dockerfile)?;
    Ok(root)
}

/// Writes the context of a case of contexts.
pub(crate) fn of_context(case: &contexts::Case) -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("engine-context");
    match fs::remove_dir_all(&root) {
        Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(why),
        _ => {}
    }
    let context = root.join("context");
    fs::create_dir_all(&context)?;
    for file in case.context.files.iter().flatten() {
        match file.is_directory() {
            true => fs::create_dir_all(context.join(&file.path))?,
            false => write(&context.join(&file.path), "x")?,
        }
    }
    if let Some(ignore) = &case.context.ignore {
        fs::write(context.join(".dockerignore"), ignore)?;
    }
    fs::write(root.join("Dockerfile"), &case.dockerfile)?;
    Ok(root)
}

/// Makes the edit.
pub(crate) fn edit(case: &Case, root: &Path) -> Result<()> {
    for change in &case.changes {
        let folder = root.join(change.context.as_deref().unwrap_or("context"));
        let path = folder.join(&change.path);
        match change.what {
            What::Content => write(&path, &format!("{} is something else\n", change.path))?,
            What::Added => write(&path, &format!("{}\n", change.path))?,
            What::Mode => fs::set_permissions(&path, Permissions::from_mode(0o755))?,
            What::Removed => fs::remove_file(&path)?,
            What::Touched => {
                let time = SystemTime::now() - Duration::from_secs(10_000);
                File::options().write(true).open(&path)?.set_modified(time)?;
            }
        }
    }
    if let Some(ignore) = &case.edited_ignore {
        fs::write(root.join("context/.dockerignore"), ignore)?;
    }
    for (id, _, value) in &case.secrets {
        fs::write(root.join("secrets").join(id), value)?;
    }
    if let Some(edited) = &case.edited {
        fs::write(root.join("Dockerfile"), edited)?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)?;
    fs::set_permissions(path, Permissions::from_mode(0o644))
}
