//! What crosses a wire or sits in a link: versioned, and the only types that are serialized.
#![warn(missing_docs)]

pub mod build;
pub mod builds;
pub mod context;
pub mod facts;
pub mod file;
pub mod graph;
pub mod lessons;
pub mod link;
pub mod report;
pub mod sarif;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a person sees and can hand on: the text, what is asked of it, and what is looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Playground {
    /// The Dockerfile.
    pub dockerfile: String,
    /// The stage asked for with `--target`; `None` for the default, the last stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// A second target to compare with; the empty name is the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<String>,
    /// Whether the builder before BuildKit is shown.
    #[serde(default, skip_serializing_if = "is_false")]
    pub legacy: bool,
    /// What is selected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selected: Option<Selected>,
    /// The panel that is open, by its id; empty if none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub panel: Option<String>,
    /// What the panel of checks shows, if not everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Check>,
    /// Build arguments (`--build-arg`), by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, String>,
    /// The platform asked for (`--platform`); `None` for that of the builder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// The platform of the builder; `None` for linux/amd64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub builder: Option<String>,
    /// Named contexts (`--build-context`), by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub contexts: BTreeMap<String, String>,
    /// The build context, as far as it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Context>,
    /// What has changed since the build that is in the cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// A Compose or Bake file beside the Dockerfile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub builds: Option<Pasted>,
    /// The lesson that is open beside the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lesson: Option<OpenLesson>,
}

/// A Compose or Bake file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pasted {
    /// What is in it.
    pub text: String,
    /// The id of its language ([`builds::Language::id`]); `None` to find that out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// How it calls the Dockerfile, if it has several; `None` for the likely one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dockerfile: Option<String>,
    /// What variables of the environment are, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
}

/// A lesson that is open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenLesson {
    /// The address of the folder that it is in; `None` for the course that comes with Stagelight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workshop: Option<String>,
    /// The name of its file, without the ending; `None` for the list of lessons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Whether the text is an answer to its exercise.
    #[serde(default, skip_serializing_if = "is_false")]
    pub exercise: bool,
}

/// What a browser keeps of a playground, to go on with later.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// When it was kept, in milliseconds since 1970.
    pub time: u64,
    /// What somebody called it; `None` for a draft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What a link to it holds.
    pub fragment: String,
}

/// What has changed since a build, to see which of its steps run again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// What was built; `None` for what the link holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub built: Option<Built>,
    /// The target that was built, by its name; `None` for the one that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub built_target: Option<String>,
    /// Files of contexts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileChange>,
    /// References that stand for another image, normalised.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<String>,
    /// Downloads and repositories with other content, as written after expansion.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remotes: Vec<String>,
    /// Whether RUN steps that run again write the same, byte for byte.
    #[serde(default, skip_serializing_if = "is_false")]
    pub same_outputs: bool,
    /// Whether the Dockerfile lies elsewhere than in the build context.
    #[serde(default, skip_serializing_if = "is_false")]
    pub dockerfile_outside: bool,
}

/// A build that was made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Built {
    /// The Dockerfile.
    pub dockerfile: String,
    /// Its build arguments, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, String>,
    /// The platform that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// The platform of the builder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub builder: Option<String>,
    /// Its named contexts, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub contexts: BTreeMap<String, String>,
}

/// A file that is not as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// The named context it is in; `None` for the build context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// Its path, relative to the root of the context.
    pub path: String,
    /// What happened to it: `content`, `added`, `removed`, `mode` or `touched`.
    pub what: String,
}

/// A build context.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// What stands in `.dockerignore`; `None` if there is no such file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ignore: Option<String>,
    /// Its files; `None` if nobody has listed them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<ContextFile>>,
    /// Whether there are more than are listed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
}

/// A file of a build context.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextFile {
    /// Its path, relative to the root of the context, with `/` between names.
    pub path: String,
    /// Its size in bytes, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// What is in it, if somebody has told: what a real build is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A problem, or the page of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The rule's name; empty for a plain error.
    pub rule: String,
    /// Which of its problems in this file, from 0; `None` for its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth: Option<usize>,
}

/// One thing in a file, by what stays the same when the file is drawn or read in another way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Selected {
    /// The instruction at a line, from 1.
    Line(u32),
    /// A stage, by its place in the file, from 0.
    Stage(usize),
    /// An image, the build context or another source, by its place among them, from 0.
    Source(usize),
    /// A path in the final image.
    Path(String),
}

fn is_false(value: &bool) -> bool {
    !value
}
