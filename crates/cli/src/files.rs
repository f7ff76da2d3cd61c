//! Which files are asked about, and what is in them.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::args::Input;

/// Nobody writes a larger one; a device or a disk image was named by mistake.
const MAX_BYTES: u64 = 64 << 20;

/// A file that could be read.
pub(crate) struct File {
    pub(crate) bytes: Vec<u8>,
}

/// The paths that were asked for: those of the arguments, then those of the list.
///
/// # Errors
/// A sentence, if the list cannot be read.
pub(crate) fn paths(args: &Input) -> Result<Vec<PathBuf>, String> {
    let mut paths = args.files.clone();
    if let Some(list) = &args.files_from {
        let bytes =
            read_all(list).map_err(|why| format!("Cannot read the list {}: {why}", list.display()))?;
        let lines = bytes.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        paths.extend(lines.filter(|line| !line.is_empty()).map(path));
    }
    Ok(paths)
}

/// Reads one file.
///
/// # Errors
/// A sentence that says why it cannot be read.
pub(crate) fn read(path: &Path) -> Result<File, String> {
    match read_all(path) {
        Ok(bytes) => Ok(File { bytes }),
        Err(why) => Err(format!("Cannot read {}: {why}", path.display())),
    }
}

impl File {
    /// SHA-256 of the bytes, in hexadecimal.
    pub(crate) fn sha256(&self) -> String {
        let mut hex = String::with_capacity(64);
        for byte in Sha256::digest(&self.bytes) {
            for digit in [byte >> 4, byte & 15] {
                hex.extend(char::from_digit(u32::from(digit), 16));
            }
        }
        hex
    }
}

fn read_all(path: &Path) -> Result<Vec<u8>, String> {
    if path == Path::new("-") {
        return read_within(io::stdin().lock());
    }
    let file = fs::File::open(path).map_err(|error| reason(&error))?;
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err("it is a directory".to_owned());
    }
    read_within(file)
}

fn read_within(from: impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    from.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| reason(&error))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("it has more than {} MB, which no Dockerfile has", MAX_BYTES >> 20));
    }
    Ok(bytes)
}

pub(crate) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(unix)]
fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}
