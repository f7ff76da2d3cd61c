//! Stages and their commands, with what became of them after expansion.

use serde::{Deserialize, Serialize};

use super::{History, Reference};

/// A stage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// Its place in the file, from 0.
    pub index: usize,
    /// Its name in lower case; empty if it has none.
    pub name: String,
    /// The base as written.
    pub base_raw: String,
    /// The base with variables put in; empty if that is not possible.
    pub base: String,
    /// Why variables cannot be put into the base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_error: Option<String>,
    /// The stage that it starts from.
    pub base_stage: Option<usize>,
    /// The image that it starts from, normalised; `null` for `scratch`, a stage and an invalid reference.
    pub base_image: Option<String>,
    /// The named context that it starts from; `base_image` is then the image behind it, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_context: Option<String>,
    /// Set if that context stands in for the whole stage, so that none of its instructions run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replaced: bool,
    /// Set if the base is no valid reference.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub base_invalid: bool,
    /// `--platform` as written.
    pub platform_raw: Option<String>,
    /// The same with variables put in.
    pub platform: Option<String>,
    /// The description in the comment above, if it has one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The line of its FROM.
    pub line: u32,
    /// The last line of its FROM.
    pub end_line: u32,
    /// Its instructions after the FROM. What ONBUILD in its base adds is not among them.
    pub commands: Vec<Command>,
    /// What is in force in it, where every stage can be taken in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<History>,
}

/// An instruction of a stage. Which keys it has depends on its kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// The keyword in lower case.
    pub kind: String,
    /// First line.
    pub line: u32,
    /// Last line.
    pub end_line: u32,
    /// COPY, ADD: the value of `--from` as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_raw: Option<String>,
    /// COPY, ADD: what `--from` means; absent if files come from the build context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Reference>,
    /// COPY, ADD: why `--from` means nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_error: Option<String>,
    /// COPY, ADD: the sources as written, heredocs (`<<NAME`) last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sources_raw: Option<Vec<String>>,
    /// COPY, ADD: the destination as written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dest_raw: Option<String>,
    /// COPY, ADD: the flags that are set.
    #[serde(default, skip_serializing_if = "Options::is_empty")]
    pub opts: Options,
    /// RUN: whether a shell reads the command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shell_form: Option<bool>,
    /// RUN: its mounts as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<Mount>,
    /// RUN: why its mounts cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mounts_error: Option<String>,
    /// RUN: `--network`, unless it is the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// RUN: `--security`, unless it is the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security: Option<String>,
    /// COPY, ADD: the sources after expansion, without heredocs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sources: Option<Vec<String>>,
    /// COPY, ADD: the destination after expansion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dest: Option<String>,
    /// COPY, ADD: the files that heredocs make.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contents: Vec<Content>,
    /// What the values of other instructions became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expanded: Option<Expanded>,
    /// RUN: its mounts after expansion.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mounts_expanded: Vec<Mount>,
    /// COPY, ADD, WORKDIR: what happens to files, in absolute paths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_ops: Option<Vec<FileOperation>>,
    /// RUN: the working directory, where it does not depend on the base image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    /// RUN: the user, where it does not depend on the base image; empty for the image's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// RUN with a heredoc: the arguments of the process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exec_args: Option<Vec<String>>,
}

/// The flags of a COPY or ADD that are set, as written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each is named after its flag")]
pub struct Options {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chown: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chmod: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub link: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub parents: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keep_git_dir: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unpack: Option<bool>,
}

/// A mount of a RUN. Texts are empty where nothing is given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mount {
    /// `bind`, `cache`, `tmpfs`, `secret` or `ssh`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where it is mounted.
    pub target: String,
    /// The path in what is mounted.
    pub source: String,
    /// The name of a cache, secret or agent.
    pub id: String,
    /// Whether the command cannot write to it.
    pub readonly: bool,
    /// What `from` means, if it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Reference>,
    /// `from` as written; in `mounts_expanded`, `scratch` for a cache without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_raw: Option<String>,
    /// Whether a build without the secret or agent fails.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// How builds share a cache, if that is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sharing: Option<String>,
    /// The environment variable that holds a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    /// The permissions, in octal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// The number of its owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// The number of its group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gid: Option<u32>,
    /// How many bytes a tmpfs may hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
}

/// A file that a heredoc makes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Its name, which is the heredoc's.
    pub path: String,
    /// What is in it.
    pub data: String,
}

/// A value after expansion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Expanded {
    /// WORKDIR, USER, STOPSIGNAL.
    Text(String),
    /// VOLUME, EXPOSE.
    Words(Vec<String>),
    /// ENV, LABEL, and ARG, whose value is `null` if it has none.
    Pairs(Vec<(String, Option<String>)>),
}

/// A change to files, in absolute paths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FileOperation {
    /// A directory is made.
    MakeDirectory {
        /// Its path.
        mkdir: String,
    },
    /// Something is copied.
    Copy {
        /// From where, in the source.
        src: String,
        /// To where.
        dest: String,
    },
}

impl Options {
    /// Whether no flag is set.
    pub fn is_empty(&self) -> bool {
        *self == Options::default()
    }
}
