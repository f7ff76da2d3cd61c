//! Targets: what building them does, the image that comes out, and the outline.

use serde::{Deserialize, Serialize};

use super::Labels;

/// What building each target does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Targets {
    /// The target asked for; the last stage, if none was.
    pub default: Target,
    /// Every stage as a target, also those that `--target` cannot name.
    pub by_index: Vec<Target>,
}

/// What building one target does. With `error` the other keys are missing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// The stage that is built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// Why it cannot be built.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
    /// The stages that BuildKit prepares for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needed_stages: Option<Vec<usize>>,
    /// Those of them that contribute an operation or an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub llb_stages: Option<Vec<usize>>,
    /// Stage and line of each instruction that executes, in file order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub executed: Option<Vec<(usize, u32)>>,
    /// How many operations these are, where equal ones count once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ops: Option<usize>,
    /// The images whose files are used, sorted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<Vec<String>>,
    /// The images that are looked up, which may be more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata_images: Option<Vec<String>>,
    /// Addresses that ADD fetches from, sorted; those of repositories as `git://HOST/PATH#REF:DIRECTORY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_sources: Option<Vec<String>>,
    /// The named contexts that are looked up, sorted; missing if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub named_contexts: Option<Vec<String>>,
    /// What of the build context is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Context>,
    /// What a build shows before its steps, by the names it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preparations: Option<Vec<String>>,
    /// The steps by the names that a build shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vertices: Option<Vec<Vertex>>,
    /// The configuration of the image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    /// The rules that a build warns of, with their lines, also where it comes to an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build_warnings: Option<Vec<(String, u32)>>,
}

/// Why a target cannot be built.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error {
    /// The line that BuildKit names, if it names one.
    pub line: Option<u32>,
    /// All ranges of lines that it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<[u32; 2]>>,
    /// Its words.
    pub message: String,
    /// What it suggests (`did you mean …?`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggest: Option<String>,
}

/// What of the build context is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// Whether anything is.
    pub needed: bool,
    /// Which paths, sorted, wildcards as written; `null` for everything, and for nothing.
    pub paths: Option<Vec<String>>,
}

/// A step as a build shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vertex {
    /// Its name.
    pub name: String,
    /// The lines that it comes from.
    pub lines: Vec<u32>,
    /// The name of the step it is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// The configuration of an image, as far as the Dockerfile sets it: what a base image sets is not known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// `NAME=value`.
    pub env: Vec<String>,
    /// CMD.
    pub cmd: Option<Vec<String>>,
    /// ENTRYPOINT.
    pub entrypoint: Option<Vec<String>>,
    /// The working directory; empty if none is set.
    pub workdir: String,
    /// The user; empty if none is set.
    pub user: String,
    /// The labels; `null` if there are none.
    pub labels: Option<Labels>,
    /// STOPSIGNAL; empty if none is set.
    pub stopsignal: String,
    /// SHELL.
    pub shell: Option<Vec<String>>,
    /// Ports as `80/tcp`, sorted.
    pub ports: Vec<String>,
    /// Volumes, sorted.
    pub volumes: Vec<String>,
    /// HEALTHCHECK.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<Healthcheck>,
    /// What it leaves to images built from it; `null` if nothing.
    pub onbuild: Option<Vec<String>>,
}

/// HEALTHCHECK. Times are in nanoseconds, 0 where none is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each is named after its flag")]
pub struct Healthcheck {
    /// `NONE`, or `CMD` or `CMD-SHELL` and what follows.
    pub test: Vec<String>,
    pub interval: i64,
    pub timeout: i64,
    pub start_period: i64,
    pub start_interval: i64,
    pub retries: i64,
}

/// What a target can be given, and the targets there are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    /// Why BuildKit gives none; the other keys are then empty, except the targets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
    /// Set where BuildKit would never come to an end, because triggers make stages depend on each other.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub would_recurse_forever: bool,
    /// The name of the target; empty if it has none.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Build arguments.
    pub args: Vec<OutlineArg>,
    /// Secrets.
    pub secrets: Vec<Definition>,
    /// SSH agents.
    pub ssh: Vec<Definition>,
    /// Caches.
    pub cache: Vec<OutlineCache>,
    /// Every stage; left out where BuildKit does not survive the question: a `# check=` comment stands above an
    /// instruction other than the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub targets: Option<Vec<OutlineTarget>>,
}

/// A build argument.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each is named after what it holds")]
pub struct OutlineArg {
    pub name: String,
    pub value: String,
    pub description: String,
    pub line: u32,
}

/// A secret or an SSH agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each is named after what it holds")]
pub struct Definition {
    pub name: String,
    pub required: bool,
    pub line: u32,
}

/// A cache.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each is named after what it holds")]
pub struct OutlineCache {
    pub id: String,
    pub target: String,
    pub sharing: String,
}

/// A target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each is named after what it holds")]
pub struct OutlineTarget {
    pub name: String,
    pub description: String,
    pub default: bool,
    pub base: String,
    pub platform: String,
    pub line: u32,
}
