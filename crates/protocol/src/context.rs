//! What a build gets of its context, as one JSON object. docs/context.md describes it for users.
//!
//! A key is left out where it does not apply.

use serde::{Deserialize, Serialize};

/// The version of this form. It rises when a key changes its meaning or goes; new keys may come at any time.
pub const VERSION: u32 = 1;

/// What becomes of a context in a build of one target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextReport {
    /// [`VERSION`].
    pub version: u32,
    /// The Dockerfile as it was given.
    pub dockerfile: String,
    /// The stage that is built.
    pub target: String,
    /// What the build asks for; missing if it asks for everything. Nothing, if it needs no context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asks_for: Option<Vec<String>>,
    /// Why no build begins: what is wrong in the ignore file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignore_errors: Vec<IgnoreError>,
    /// The files of the context.
    pub files: Vec<File>,
    /// What instructions take, a row for each source.
    pub sources: Vec<Source>,
}

/// A line of the ignore file that cannot be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IgnoreError {
    /// The line, from 1.
    pub line: u32,
    /// BuildKit's message.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// A line of the ignore file that decides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    /// The line, from 1.
    pub line: u32,
    /// What stands there.
    pub pattern: String,
}

/// A file, and what becomes of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its path.
    pub path: String,
    /// Its size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// `sent`, `ignored` or `not-asked`.
    pub fate: String,
    /// The line of the ignore file that decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Pattern>,
    /// The lines of the instructions that take it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taken_by: Vec<u32>,
}

/// A source of an instruction, and what it comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The first line of the instruction.
    pub line: u32,
    /// Its keyword.
    pub instruction: String,
    /// The source after expansion.
    pub source: String,
    /// How many files it takes.
    pub files: usize,
    /// Their bytes, as far as known.
    pub bytes: u64,
    /// Whether it is a pattern that nothing fits: nothing is copied, and that is no error.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub finds_nothing: bool,
    /// BuildKit's message, if the build fails for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The line of the ignore file that leaves out what it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out_by: Option<Pattern>,
}
