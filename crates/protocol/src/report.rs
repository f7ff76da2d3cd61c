//! What `stagelight check` finds, as one JSON object. docs/checks.md describes it for users.
//!
//! Lines and columns count from 1, and columns count characters; ranges of lines include both ends. A key is left out
//! where it does not apply.

use serde::{Deserialize, Serialize};

use crate::facts::Place;

/// The version of this form. It rises when a key changes its meaning or goes; new keys may come at any time.
pub const VERSION: u32 = 1;

/// What is found in some files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// [`VERSION`].
    pub version: u32,
    /// Which rules were looked at.
    pub rules: RuleSet,
    /// The files, in the order in which they were given.
    pub files: Vec<File>,
    /// How much there is.
    pub summary: Summary,
}

/// Which rules were looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSet {
    /// The BuildKit whose rules these are.
    pub buildkit: String,
    /// The version of our own.
    pub stagelight: String,
}

/// What is found in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// The path as it was given.
    pub path: String,
    /// Why it could not be read. Everything else is missing then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<String>,
    /// The stage that the findings are for, by its name; without a name `stage-` and its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// What is found: BuildKit's errors first, then the findings in the order of the file.
    pub findings: Vec<Finding>,
    /// How many findings comments have silenced.
    pub silenced: usize,
    /// What was mended in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mended: Vec<Mended>,
}

/// Something that is wrong, or could be better.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule; missing for an error of BuildKit's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Whose words they are: `buildkit` or `stagelight`.
    pub origin: String,
    /// `error`, `warning` or `info`.
    pub level: String,
    /// What is wrong.
    pub message: String,
    /// What was probably meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// What else one should know: a doubt, or which target runs into it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The narrowest place that shows it; missing if it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
    /// The first and the last line of what it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<[u32; 2]>,
    /// The stage it is in, counted from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<usize>,
    /// Other places that have to do with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<Label>,
    /// The ways to mend it, the best one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixes: Vec<Fix>,
}

/// A place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// Its first character.
    pub start: Place,
    /// Behind its last character.
    pub end: Place,
    /// The same as offsets of bytes; missing in a file that is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<[usize; 2]>,
}

/// Another place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// The place.
    pub range: Range,
    /// What it has to do with it, in a few words.
    pub text: String,
}

/// A way to mend something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What it does.
    pub title: String,
    /// Whether what is built stays the same.
    pub safe: bool,
    /// If not: a sentence that says what changes, or what is guessed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// What to put where, all in the text as it is; none lies over another.
    pub edits: Vec<Edit>,
}

/// What stands in a range becomes another text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub range: Range,
    /// What comes there.
    pub text: String,
}

/// What was mended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mended {
    /// The rule.
    pub rule: String,
    /// What was done.
    pub title: String,
    /// What that changes, if it is more than the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

/// How much is found, in all files together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Files that could be read.
    pub files: usize,
    /// Files that could not.
    pub unreadable: usize,
    /// Findings that are errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// What is good to know.
    pub infos: usize,
    /// How many of them `--fix` mends.
    pub fixable: usize,
    /// How many more it mends with `--unsafe-fixes`.
    pub fixable_unsafe: usize,
    /// How many comments have silenced.
    pub silenced: usize,
    /// How many were mended.
    pub mended: usize,
}
