//! The first WORKDIR of a stage is relative. Surprising: one of a stage that it is FROM is enough, even a relative one,
//! since that is told of there; one of a base image is not.

use super::Rule;
use super::linter::Linter;
use crate::stages::quote;
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "WorkdirRelativePath",
    description: "Relative workdir without an absolute workdir declared within the build can have unexpected results if the base image changes",
    page: include_str!("workdir_relative_path.md"),
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
