//! The stages of a file and what becomes of them, as one JSON object. docs/graph.md describes it for users.
//!
//! A key is left out where it does not apply.

use serde::{Deserialize, Serialize};

/// The version of this form. It rises when a key changes its meaning or goes; new keys may come at any time.
pub const VERSION: u32 = 1;

/// The graph of one file, for one target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Graph {
    /// [`VERSION`].
    pub version: u32,
    /// The Dockerfile as it was given.
    pub dockerfile: String,
    /// The stage that is built, by its index.
    pub target: usize,
    /// The stages, in the order of the file.
    pub stages: Vec<Stage>,
    /// What comes from outside the file.
    pub sources: Vec<Source>,
    /// Every reference, in the order of the file.
    pub edges: Vec<Edge>,
}

/// A stage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// The name behind AS, in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name, or what BuildKit shows of a stage without one.
    pub display_name: String,
    /// The base as written.
    pub base: String,
    /// `--platform` after expansion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Its first line and its last one.
    pub lines: (u32, u32),
    /// Whether the target needs it.
    pub needed: bool,
    /// Whether something in it runs.
    pub runs: bool,
    /// Why, in a sentence.
    pub why: String,
}

/// Something that stages take from outside the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// `image`, `scratch`, `context`, `named-context`, `remote` or `invalid`.
    pub kind: String,
    /// The image, the address, or the name of the context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What a named context stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// `used`, `looked-up` (no files come from it) or `unused`.
    pub usage: String,
}

/// A reference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    /// Where it comes from.
    pub from: From,
    /// The stage that refers, by its index.
    pub to: usize,
    /// `base`, `copy` or `mount`.
    pub kind: String,
    /// The line of the instruction that refers.
    pub line: u32,
    /// What is taken; a base has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// Whether files come along it.
    pub carries: bool,
    /// Whether BuildKit refuses it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
    /// Whether an ONBUILD of the base has brought it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub onbuild: bool,
}

/// An end of a reference, by its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum From {
    /// A stage.
    Stage(usize),
    /// A source.
    Source(usize),
}

impl Default for From {
    fn default() -> From {
        From::Stage(0)
    }
}
