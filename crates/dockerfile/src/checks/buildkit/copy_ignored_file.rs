//! COPY or ADD of a file that .dockerignore leaves out. A Dockerfile alone does not tell. Surprising: one exception in
//! that file, and nothing is looked at; a slash in front of the source hides it from the check; and a line that leaves
//! out everything leaves out `.` too.

use super::Rule;
use super::linter::Linter;
use crate::ignore::Ignore;
use crate::stages::git_ref::{self, SourceForm};
use crate::stages::{join_path, quote};
use crate::syntax::{Instruction, InstructionKind};
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "CopyIgnoredFile",
    description: "Attempting to Copy file that is excluded by .dockerignore",
    needs: Some("the .dockerignore beside the Dockerfile"),
    page: include_str!("copy_ignored_file.md"),
    ..Rule::BUILDKIT
};

/// `source` is one source of a COPY or ADD from the build context, after expansion.
pub(super) fn check(
    instruction: &Instruction<'_>,
    source: &str,
    range: TextRange,
    ignore: &Ignore,
    acc: &mut Linter,
) {
    if let Some(path) = is_left_out(source, ignore) {
        let verb = if instruction.kind == InstructionKind::Add { "Add" } else { "Copy" };
        let path = quote(&path);
        let message = format!("Attempting to {verb} file {path} that is excluded by .dockerignore");
        acc.add(&RULE, range, message);
    }
}

/// The source as BuildKit names it, if it finds that it is left out.
pub(in crate::checks) fn is_left_out(source: &str, ignore: &Ignore) -> Option<String> {
    if ignore.has_exceptions() || !matches!(git_ref::source_form(source), SourceForm::Local) {
        return None;
    }
    let path = if source.is_empty() { ".".to_owned() } else { join_path(&[source]) };
    Some(path).filter(|path| ignore.leaves_out(path))
}
