//! The first WORKDIR of a stage is relative. Surprising: one of a stage that it is FROM is enough, even a relative one,
//! since that is told of there; one of a base image is not.

use super::Rule;
use super::linter::Linter;
use crate::checks::{File, Finding};
use crate::edit::{Fix, TextEdit};
use crate::stages::{Effect, quote};
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "WorkdirRelativePath",
    description: "Relative workdir without an absolute workdir declared within the build can have unexpected results if the base image changes",
    page: include_str!("workdir_relative_path.md"),
    mend: Some(mend),
    ..Rule::BUILDKIT
};

/// `path` is what the WORKDIR, the first one, comes to.
pub(super) fn check(path: &str, range: TextRange, is_windows: bool, acc: &mut Linter) {
    if !is_absolute(path, is_windows) {
        let path = quote(path);
        let message =
            format!("Relative workdir {path} can have unexpected results if the base image changes");
        acc.add(&RULE, range, message);
    }
}

fn is_absolute(path: &str, is_windows: bool) -> bool {
    if !is_windows {
        return path.starts_with('/');
    }
    let path = path.replace('\\', "/");
    let path = match path.as_bytes() {
        [b'c' | b'C', b':', ..] => &path[2..],
        _ => &path,
    };
    path.starts_with('/') && !path.starts_with("//")
}

/// The directory that it comes to, where the file tells; else as if the image began at the root.
fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let Some((stage, step)) = file.row_at(finding.range.start) else { return Vec::new() };
    let effect = file.effects(stage).find(|(row, _)| *row == step).map(|(_, effect)| effect);
    let Some(Effect::Workdir { value, path, .. }) = effect else { return Vec::new() };
    let written = finding.range.of(file.text);
    let edit = if written == value {
        TextEdit::replace(finding.range, path.as_str())
    } else if written.starts_with('$') && *path == format!("/{value}") {
        TextEdit::insert(finding.range.start, "/")
    } else {
        return Vec::new();
    };
    if !path.starts_with('/') {
        return Vec::new();
    }
    let because = "Where the base image sets a directory, the files move to this one";
    vec![Fix::asking(
        format!("Write '{}{}'", edit.text, if edit.range.is_empty() { written } else { "" }),
        because,
        vec![edit],
    )]
}
