//! What is in force where: directory, user, shell, environment and arguments.

use serde::{Deserialize, Serialize};

/// What is in force in a stage, told as changes: replaying them up to a line gives what is in force there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The stage that it starts from: with all that is in force at that stage's end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_stage: Option<usize>,
    /// The image that it starts from, where nothing is known of what that sets, and `PATH` alone is assumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assumed: Option<String>,
    /// What is in force before its first instruction, unless it starts from a stage.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub start: Vec<Change>,
    /// What its instructions set, in order.
    pub changes: Vec<Change>,
}

/// Something that is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The line of the instruction; of the FROM for a trigger of the base; missing in `start`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// `env`, `arg`, `workdir`, `user` or `shell`.
    pub set: String,
    /// The name of a variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The value; `null` for an ARG that nothing sets.
    pub value: Words,
    /// Set if the directory lies below that of the base image, which is not known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on_base: bool,
}

/// A text, or the words of a SHELL, or nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Words {
    /// A text.
    Text(Option<String>),
    /// A program and its arguments.
    List(Vec<String>),
}

/// All that is in force once the instruction at a line is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateAt {
    /// The line that was asked for.
    pub line: u32,
    /// The stage it belongs to.
    pub stage: usize,
    /// The line of the instruction that it belongs to, or that comes before it.
    pub after: u32,
    /// The image below the stage, where nothing is known of what that sets, and `PATH` alone is assumed.
    pub assumed: Option<String>,
    /// The working directory.
    pub workdir: Effective,
    /// The user; empty if none is set.
    pub user: Effective,
    /// The shell; empty if none is set.
    pub shell: Effective,
    /// The environment of the image.
    pub env: Vec<EffectiveVariable>,
    /// ARGs, each name once.
    pub args: Vec<EffectiveVariable>,
}

/// A value in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effective {
    /// The value; `null` if only the base image could tell.
    pub value: Words,
    /// Set if it lies below the directory of the base image, which is not known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on_base: bool,
    /// The instruction that set it; `null` if none did.
    pub origin: Option<Origin>,
}

/// A variable in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectiveVariable {
    /// Its name.
    pub name: String,
    /// Its value; `null` for an ARG that nothing sets.
    pub value: Option<String>,
    /// The instruction that set it; `null` if none did.
    pub origin: Option<Origin>,
}

/// The place of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Its stage.
    pub stage: usize,
    /// Its line.
    pub line: u32,
}
