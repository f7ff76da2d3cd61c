//! The files of a build context, as somebody sends them: how many, how large, and where they would lie.
//!
//! They are regular files and nothing else: there is no way to send a link, a device or an archive that unpacks itself.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protocol::build::{InputFile, Limits, Refusal};

use crate::{MAX_FILE_BYTES, SHARED, shorten};

/// A name of a file system's directory has no more bytes.
const MAX_NAME: usize = 255;
/// Nor a whole path.
const MAX_PATH: usize = 1024;

pub(crate) fn check(files: &[InputFile], limits: &Limits, acc: &mut Vec<Refusal>) {
    let n = files.len() as u64;
    if limits.files > 0 && n > limits.files {
        acc.push(refusal(
            "too-many-files",
            format!("The build context has {n} files, and {} are the most", limits.files),
            SHARED,
            "Send only what COPY and ADD take; .dockerignore can leave out the rest",
        ));
        return;
    }
    let mut paths = BTreeSet::new();
    let mut bytes = 0;
    for file in files {
        let path = file.path.as_str();
        if let Some(why) = fault(path) {
            acc.push(refusal(
                "path",
                format!("The path '{}' of a file {why}", shorten(path)),
                "A file lies within the build context, at a place that is written in one way only",
                "Write it from the root of the context, with `/` between names",
            ));
        } else if !paths.insert(path) {
            acc.push(refusal(
                "duplicate-path",
                format!("The file '{}' is there twice", shorten(path)),
                "Only one of them could be copied",
                "Leave one of them out",
            ));
        }
        match size(file) {
            Ok(size) => {
                bytes += size as u64;
                if size > MAX_FILE_BYTES {
                    acc.push(refusal(
                        "file-too-large",
                        format!(
                            "The file '{}' has {size} bytes, and {MAX_FILE_BYTES} are the most",
                            shorten(path)
                        ),
                        SHARED,
                        "Build with a smaller one, or let a RUN make it",
                    ));
                }
            }
            Err(why) => acc.push(refusal(
                "content",
                format!("The file '{}' {why}", shorten(path)),
                "What is in it has to be known exactly",
                "Give its `text`, or its bytes as `base64`, one of them alone",
            )),
        }
    }
    // A name cannot be a file and the directory of another.
    for path in &paths {
        let mut above = *path;
        while let Some((directory, _)) = above.rsplit_once('/') {
            if paths.contains(directory) {
                acc.push(refusal(
                    "path",
                    format!("'{}' is a file, and '{}' lies in it", shorten(directory), shorten(path)),
                    "A name is a file or a directory",
                    "Give one of them another name",
                ));
            }
            above = directory;
        }
    }
    if limits.context_bytes > 0 && bytes > limits.context_bytes {
        acc.push(refusal(
            "context-too-large",
            format!("The build context has {bytes} bytes, and {} are the most", limits.context_bytes),
            SHARED,
            "Send only what COPY and ADD take; .dockerignore can leave out the rest",
        ));
    }
}

/// What is wrong with a path.
fn fault(path: &str) -> Option<&'static str> {
    if path.is_empty() {
        return Some("is empty");
    }
    if path.len() > MAX_PATH {
        return Some("is too long");
    }
    if path.starts_with('/') {
        return Some("begins with `/`");
    }
    if path.contains('\\') {
        return Some("has a `\\`");
    }
    if path.chars().any(char::is_control) {
        return Some("has a control character");
    }
    path.split('/').find_map(|name| match name {
        "" => Some("has an empty name"),
        "." | ".." => Some("has `.` or `..` for a name"),
        name if name.len() > MAX_NAME => Some("has a name that is too long"),
        _ => None,
    })
}

fn size(file: &InputFile) -> Result<usize, &'static str> {
    match (&file.text, &file.base64) {
        (Some(text), None) => Ok(text.len()),
        (None, Some(code)) => match STANDARD.decode(code) {
            Ok(bytes) => Ok(bytes.len()),
            Err(_) => Err("is no valid base64"),
        },
        (None, None) => Err("has no content"),
        (Some(_), Some(_)) => Err("has two contents"),
    }
}

fn refusal(code: &str, message: String, reason: &str, help: &str) -> Refusal {
    Refusal { code: code.to_owned(), line: None, message, reason: reason.to_owned(), help: help.to_owned() }
}
