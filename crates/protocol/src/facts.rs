//! Facts: what a Dockerfile does, as one JSON object a file. docs/facts.md describes them for users.
//!
//! Surprising: `null` and an absent key are answers too. `null` says that there is no such thing, or that
//! BuildKit never got so far; a key is left out where it does not apply, or where nothing is known. Nothing is
//! ever guessed. Lines count from 1; ranges of lines include both ends.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The version of this form. It rises when a key changes its meaning or goes; new keys may come at any time.
pub const VERSION: u32 = 1;

/// What is known of one file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// [`VERSION`].
    pub version: u32,
    /// The path as it was given.
    pub id: String,
    /// SHA-256 of the bytes, in hexadecimal; `null` if they could not be read.
    pub sha256: Option<String>,
    /// How many bytes the file has.
    pub bytes: Option<usize>,
    /// Why the file could not be read. Every other fact is missing then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable: Option<String>,
    /// Whether BuildKit accepts the file for this target; `null` if it could not be read.
    pub ok: Option<bool>,
    /// The error that BuildKit stops at, in its words, without its suggestion.
    pub error: Option<String>,
    /// The line it names, if it names one.
    pub error_line: Option<u32>,
    /// All ranges of lines that it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_lines: Option<Vec<[u32; 2]>>,
    /// What it suggests (`did you mean …?`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_suggest: Option<String>,
    /// Where BuildKit stops: `parse`, `instructions` or `llb` (making the build graph).
    pub stage_of_failure: Option<String>,
    /// Everything that is wrong with the file for this target, in BuildKit's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// What BuildKit's checks find, as far as they come; `null` if the file could not be read.
    #[serde(default)]
    pub lint: Option<Vec<Finding>>,
    /// The error at which the checks stop; findings behind it are missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lint_error: Option<Error>,
    /// Where the first byte stands that is not UTF-8. Each such byte counts as U+FFFD everywhere here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invalid_utf8: Option<Place>,
    /// The parser directives.
    pub directives: Option<Directives>,
    /// The instructions; `null` if the file cannot be parsed.
    pub instructions: Option<Vec<Instruction>>,
    /// The stages; `null` if an instruction is refused.
    pub stages: Option<Vec<Stage>>,
    /// Whether every stage could be expanded, so that the commands say what they became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expanded_ok: Option<bool>,
    /// What is in force at the line that was asked about (`--state`); `null` above the first FROM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_at: Option<StateAt>,
    /// What building each target does; `null` if an instruction is refused.
    pub targets: Option<Targets>,
    /// The build arguments, secrets, agents and caches of the target, and all targets.
    pub outline: Option<Outline>,
}

/// Something that is wrong.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// The line of the narrowest place that shows it. BuildKit may name another one, or none.
    pub line: u32,
    /// The column there, counted in characters from 1.
    pub column: u32,
    /// The line on which that place ends.
    pub end_line: u32,
    /// The column behind its last character.
    pub end_column: u32,
    /// BuildKit's words.
    pub message: String,
    /// What to do, in plain English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// What was probably meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

/// Something that a rule of BuildKit's checks has found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule.
    pub rule: String,
    /// The first line that BuildKit names.
    pub line: u32,
    /// The last one.
    pub end_line: u32,
    /// Where the narrowest place begins that shows it.
    pub start: Place,
    /// Where that place ends: behind its last character.
    pub end: Place,
    /// BuildKit's words.
    pub message: String,
    /// What it suggests (`did you mean …?`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggest: Option<String>,
    /// Whether the rule is experimental.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub experimental: bool,
    /// Whether BuildKit keeps it to itself, since the file does not ask for what is experimental.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
}

/// A line and a column, from 1; columns count characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each is named after what it holds")]
pub struct Place {
    pub line: u32,
    pub column: u32,
}

/// Parser directives.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Directives {
    /// `# syntax=…`: the frontend that a real build would fetch and run instead.
    pub syntax: Option<SyntaxDirective>,
    /// `# check=…`.
    pub check: Option<CheckDirective>,
    /// The escape character in force; `null` if the file cannot be parsed.
    pub escape: Option<char>,
    /// `# escape=…` as written, whether or not it is valid.
    pub escape_directive: Option<EscapeDirective>,
}

/// `# syntax=…`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SyntaxDirective {
    /// The image, which is the value up to its first space.
    #[serde(rename = "ref")]
    pub reference: String,
    /// The whole value.
    pub cmdline: String,
    /// Its line; 0 if it stands in a JSON object.
    pub line: u32,
}

/// `# check=…`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CheckDirective {
    /// The value up to its first space, which is all that BuildKit uses.
    pub value: String,
    /// The whole value.
    pub full: String,
    /// Its line.
    pub line: u32,
}

/// `# escape=…`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EscapeDirective {
    /// The value.
    pub value: String,
    /// Its line.
    pub line: u32,
}

/// An instruction as BuildKit's parser reads it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Instruction {
    /// The keyword as written.
    pub cmd: String,
    /// First line; not given for the instruction behind ONBUILD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Last line, continuations and heredocs included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_line: Option<u32>,
    /// The flags, quotes taken out.
    pub flags: Vec<String>,
    /// The arguments: one for a shell form, three (key, value, separator) for each pair of ENV and LABEL.
    pub args: Vec<String>,
    /// Whether the arguments are a JSON array.
    pub json: bool,
    /// For ONBUILD: the instruction that it leaves to others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub onbuild_child: Option<Box<Instruction>>,
    /// Its heredocs, in the order of their markers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heredocs: Vec<Heredoc>,
    /// For FROM and ARG: the comments in front of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<String>,
}

/// A heredoc.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Heredoc {
    /// The word behind `<<`.
    pub name: String,
    /// The lines up to that word, as written.
    pub content: String,
    /// Whether variables are expanded in it: no part of its name was quoted.
    pub expand: bool,
    /// Whether leading tabs go (`<<-`).
    pub chomp: bool,
    /// The number in front of `<<`, or 0.
    pub fd: u64,
}

/// What a reference means: exactly one of the keys is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reference {
    /// A stage, by its index.
    Stage(usize),
    /// An image, normalised where that is possible.
    Image(String),
    /// A named context, by its name.
    Context(String),
}

mod builds;
mod stages;
mod state;

pub use builds::{
    Context, Definition, Error, Healthcheck, Image, Outline, OutlineArg, OutlineCache, OutlineTarget, Target,
    Targets, Vertex,
};
pub use state::{Change, Effective, EffectiveVariable, History, Origin, StateAt, Words};

pub use stages::{Command, Content, Expanded, FileOperation, Mount, Options, Stage};

/// A map with its keys in order.
pub type Labels = BTreeMap<String, String>;
