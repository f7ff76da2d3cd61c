//! COPY or ADD of a file that .dockerignore leaves out. A Dockerfile alone does not tell.

use super::Rule;

pub(super) static RULE: Rule = Rule {
    name: "CopyIgnoredFile",
    description: "Attempting to Copy file that is excluded by .dockerignore",
    needs: Some("the .dockerignore beside the Dockerfile"),
    page: include_str!("copy_ignored_file.md"),
    ..Rule::BUILDKIT
};
