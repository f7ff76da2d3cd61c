//! From instructions to stages and the graph between them, as BuildKit's `dockerfile2llb` resolves them.

pub mod args;
mod bases;
mod command;
mod contexts;
mod cycles;
mod epoch;
pub mod expand;
pub mod fragment;
pub mod git_ref;
mod go;
pub mod image_ref;
pub mod mount;
mod pattern;
pub mod platform;
mod references;
mod resolve;
mod steps;
mod values;
pub(crate) mod variables;
mod walk;

pub(crate) use args::{AUTOMATIC, NOT_IN_ENVIRONMENT};
pub use command::{
    ArgValue, BaseConfig, Command, CommandLine, Copied, Effect, FileCopy, Health, Inline, Ran, Start,
};
pub use contexts::context_name;
pub(crate) use epoch::check as epoch_fault;
pub(crate) use go::{join_path, quote, to_lower, to_upper};
pub(crate) use references::CIRCLE;
pub use resolve::resolve;
pub use steps::Summary;
pub(crate) use steps::description as arg_description;
pub use values::ports;
pub(crate) use values::{SIGNALS, expose as expose_fault};
pub(crate) use walk::FORWARD_HELP;
pub(crate) use walk::image_directory;
pub use walk::is_heredoc_marker;

use std::borrow::Cow;
use std::rc::Rc;

use crate::syntax::{InstructionKind, SyntaxError};
use crate::text::{LineSpan, TextRange};

/// What a build is asked for, beside the Dockerfile. `Default` is a plain `docker build .` on linux/amd64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildOptions {
    /// `--build-arg NAME=VALUE`, the last of two equal names wins.
    pub build_args: Vec<(String, String)>,
    /// The platform the build runs on, e.g. `linux/amd64`.
    pub build_platform: String,
    /// The platform asked for (`--platform`), e.g. `linux/arm64/v8`.
    pub target_platform: String,
    /// The target asked for (`--target`), which FROM lines can see as `$TARGETSTAGE`; `None` for the last
    /// stage.
    pub target: Option<String>,
    /// `--build-context NAME=VALUE` as given: an image (`docker-image://…`), a repository or URL, an OCI layout
    /// (`oci-layout://…`), else a directory. The last of two equal names wins.
    pub contexts: Vec<(String, String)>,
    /// What the base images say of themselves, by normalised reference.
    pub base_images: Vec<(String, BaseConfig)>,
    /// What every other base image says; `None` if that is not known.
    pub other_images: Option<BaseConfig>,
}

impl BuildOptions {
    /// What an image says of itself, if that is known.
    pub fn base_config(&self, reference: &str) -> Option<&BaseConfig> {
        let named = self.base_images.iter().find(|(image, _)| image == reference);
        named.map(|(_, config)| config).or(self.other_images.as_ref())
    }
}

impl Default for BuildOptions {
    fn default() -> BuildOptions {
        BuildOptions {
            build_args: Vec::new(),
            build_platform: "linux/amd64".to_owned(),
            target_platform: "linux/amd64".to_owned(),
            target: None,
            contexts: Vec::new(),
            base_images: Vec::new(),
            other_images: None,
        }
    }
}

/// Index of a stage in file order, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StageId(pub usize);

/// Index into [`StageGraph::sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub usize);

/// The stages of a Dockerfile and everything they are made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StageGraph {
    /// Stages in file order.
    pub stages: Vec<Stage>,
    /// What comes from outside the file: images, the build context, …; each once, in order of first use.
    pub sources: Vec<Source>,
    /// Every reference, in file order.
    pub edges: Vec<Edge>,
    /// Global ARGs and whatever else stands before the first FROM.
    pub preamble: Vec<Step>,
    /// Whether BuildKit keeps no more than one state, so that it leaves the stage's name out of what it shows.
    /// Every reference to an image and every mount without a stage makes one more.
    pub is_single: bool,
    /// What the global ARGs come to, each name once, in the order of the last declaration.
    pub globals: Vec<GlobalArg>,
    /// What a build argument or a global ARG says of the time that files and image shall have.
    pub source_date_epoch: Option<String>,
    /// What BuildKit would refuse whatever the target is ([`crate::syntax::Phase::Convert`]), in the order in
    /// which it looks: it names only the first.
    pub errors: Vec<SyntaxError>,
    /// How many of them, from the first on, it finds before it looks for the target.
    pub n_errors_before_target: usize,
    /// What BuildKit would refuse once it builds a certain stage, in file order.
    pub stage_errors: Vec<StageError>,
}

/// An ARG above the first FROM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobalArg {
    /// Its name.
    pub name: String,
    /// Its value; `None` if nothing sets it.
    pub value: Option<String>,
    /// The variables that its default uses.
    pub uses: Vec<String>,
    /// Index into [`StageGraph::preamble`].
    pub step: usize,
    /// The description in the comment above (`# name text`).
    pub description: Option<String>,
}

/// An error that only targets run into which need a certain stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageError {
    /// The stage.
    pub stage: StageId,
    /// When it shows.
    pub when: When,
    /// The error.
    pub error: SyntaxError,
}

/// When in the conversion of the needed stages an error shows, earliest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum When {
    /// While base images and named contexts are looked up.
    Sources,
    /// While the ONBUILD triggers of the base are read.
    Triggers,
    /// At an instruction; stages and instructions are taken in file order.
    Instructions,
    /// When everything is put together, and only where the stage's files are used.
    End,
}

/// One stage: from a FROM to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Its index.
    pub id: StageId,
    /// The name behind AS, in lower case as BuildKit keeps it; `None` for an unnamed stage.
    pub name: Option<String>,
    /// Where the name stands.
    pub name_range: Option<TextRange>,
    /// The base as written behind FROM.
    pub base_text: String,
    /// The base after expansion of the global ARGs, empty if that failed.
    pub base_expanded: String,
    /// Where the base is written.
    pub base_range: TextRange,
    /// `--platform` after expansion, if given.
    pub platform: Option<String>,
    /// The platform it is for, as far as the file tells.
    pub effective_platform: Rc<platform::Platform>,
    /// The global variables that the FROM uses.
    pub uses: Vec<String>,
    /// The FROM first, then each instruction of the stage.
    pub steps: Vec<Step>,
    /// From the FROM's first byte to the last byte of its last instruction.
    pub range: TextRange,
    /// The lines of that range.
    pub lines: LineSpan,
    /// A description from the comment above (`# name text`), where it has BuildKit's form.
    pub description: Option<String>,
    /// ONBUILD instructions of the base stage, which run in this stage before its own; their place is the
    /// FROM.
    pub triggers: Vec<Trigger>,
    /// The paths that its COPY, ADD and bind mounts take from the build context, cleaned and rooted at `/`;
    /// as BuildKit collects them to decide what to send.
    pub context_paths: Vec<String>,
    /// Whether a named context stands in for the whole stage: it starts from that, and none of its instructions
    /// run. What they refer to is needed all the same.
    pub replaced: bool,
    /// What it starts with.
    pub start: Start,
    /// What its instructions come to, triggers first; its FROM is not among them.
    pub commands: Vec<Command>,
}

/// An instruction that ONBUILD in a base stage has left to the stages built FROM it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// The stage that has the ONBUILD; the stage it runs in if the base image has it.
    pub stage: StageId,
    /// The row of the ONBUILD in that stage's [`Stage::steps`]; 0 if the base image has it.
    pub step: usize,
    /// The instruction as ONBUILD keeps it.
    pub expression: String,
    /// Which instruction runs.
    pub kind: InstructionKind,
    /// Whether it makes an operation of the build; see [`Step::executes`].
    pub executes: bool,
}

/// One instruction of a stage, as far as a picture needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which instruction.
    pub kind: InstructionKind,
    /// Index into [`crate::syntax::Parse::instructions`].
    pub instruction: usize,
    /// The keyword in upper case.
    pub keyword: Cow<'static, str>,
    /// Flags and arguments on one line, white space folded, heredoc bodies left out.
    pub summary: Summary,
    /// The whole instruction.
    pub range: TextRange,
    /// Its lines.
    pub lines: LineSpan,
    /// Whether an error of the syntax belongs to it.
    pub broken: bool,
    /// Whether it makes an operation of the build: RUN, COPY, ADD, and WORKDIR unless the directory is `/`.
    /// Everything else only changes the image's configuration.
    pub executes: bool,
}

/// Something that a stage takes from outside the file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// An image of a registry or of the local store.
    Image {
        /// Normalised as BuildKit does: with registry, repository path, tag or digest.
        reference: String,
        /// The short form people write: without the default registry, `library/` and `:latest`.
        familiar: String,
    },
    /// The empty base, `scratch`.
    Scratch,
    /// The build context.
    Context,
    /// A named context, which stands in for an image or for a whole stage.
    NamedContext {
        /// Its name in its shortest form, with the platform if it is for that alone.
        name: String,
        /// Its value as given.
        value: String,
        /// What that means.
        content: Content,
    },
    /// A URL or git repository of an ADD, as expanded.
    Remote(String),
    /// A reference that is no valid image reference, or a named context of no use; BuildKit refuses it.
    Invalid(String),
}

/// What the value of a named context means.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    /// `docker-image://…`; the fields are those of [`Source::Image`].
    Image {
        /// Normalised.
        reference: String,
        /// The short form.
        familiar: String,
    },
    /// `docker-image://scratch`.
    Empty,
    /// A directory.
    Directory,
    /// A git repository.
    Git,
    /// A file or an archive to download.
    Url,
    /// An image in an OCI layout.
    Layout,
}

/// Where an edge comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Node {
    /// A stage of the file.
    Stage(StageId),
    /// Something from outside.
    Source(SourceId),
}

/// What an edge carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EdgeKind {
    /// FROM: the stage starts as a copy of the other's file system and configuration.
    Base,
    /// COPY or ADD: files are copied.
    Copy,
    /// RUN --mount: files are visible while the command runs.
    Mount,
}

/// A reference from an instruction to what it takes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Where it comes from.
    pub from: Node,
    /// The stage that refers.
    pub to: StageId,
    /// The row in that stage's [`Stage::steps`]; 0 is the FROM.
    pub step: usize,
    /// FROM, COPY/ADD or mount.
    pub kind: EdgeKind,
    /// Where the reference is written: the base, the `--from` value, the mount; the whole source list for
    /// the build context.
    pub range: TextRange,
    /// Whether BuildKit refuses it, e.g. because it points forward. The picture shows it as broken.
    pub broken: bool,
    /// Whether it stems from an ONBUILD of the base stage; `step` is 0 then. A trigger may copy from its own
    /// stage, which is then the stage built so far.
    pub trigger: bool,
    /// Whether files come along it. A tmpfs, secret or SSH mount with `from`, or a COPY of nothing but
    /// heredocs, makes BuildKit prepare the stage without using it.
    pub carries: bool,
    /// The sources of COPY, ADD or the mount after expansion; empty for a base.
    pub paths: Vec<String>,
}

impl Step {
    /// Whether it changes the image's configuration only, and makes no layer.
    pub fn is_setting(&self) -> bool {
        !self.executes && self.kind != InstructionKind::From
    }
}

impl Stage {
    /// The name, or `stage-N` as BuildKit displays an unnamed stage. An unnamed stage cannot be referred to
    /// by that text.
    pub fn display_name(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("stage-{}", self.id.0))
    }
}

impl Source {
    /// The image that it is, normalised.
    pub fn image(&self) -> Option<&str> {
        match self {
            Source::Image { reference, .. }
            | Source::NamedContext { content: Content::Image { reference, .. }, .. } => Some(reference),
            Source::NamedContext {
                content: Content::Empty | Content::Directory | Content::Git | Content::Url | Content::Layout,
                ..
            }
            | Source::Scratch
            | Source::Context
            | Source::Remote(_)
            | Source::Invalid(_) => None,
        }
    }
}

impl StageGraph {
    /// What a stage starts from, if that is not a stage.
    pub fn base_source(&self, stage: StageId) -> Option<&Source> {
        self.sources.get(self.base_source_id(stage)?.0)
    }

    /// The same as an index.
    pub(crate) fn base_source_id(&self, stage: StageId) -> Option<SourceId> {
        let first = self.edges.partition_point(|edge| edge.to < stage);
        let edge = self.edges.get(first).filter(|edge| edge.to == stage && edge.kind == EdgeKind::Base)?;
        match edge.from {
            Node::Source(id) => Some(id),
            Node::Stage(_) => None,
        }
    }

    /// The references of a stage, in the order of its rows.
    pub fn edges_into(&self, stage: StageId) -> &[Edge] {
        let from = self.edges.partition_point(|edge| edge.to < stage);
        let edges = &self.edges[from..];
        &edges[..edges.partition_point(|edge| edge.to == stage)]
    }

    /// The references of one row of a stage, in the order of the file; those of triggers are in row 0.
    pub fn edges_at(&self, stage: StageId, step: usize) -> &[Edge] {
        let edges = self.edges_into(stage);
        let edges = &edges[edges.partition_point(|edge| edge.step < step)..];
        &edges[..edges.partition_point(|edge| edge.step == step)]
    }

    /// Whether BuildKit could take in every stage, needed or not: only then are all of [`Stage::commands`]
    /// what it would make of them.
    pub fn converts(&self) -> bool {
        self.errors.is_empty() && self.stage_errors.iter().all(|error| error.when == When::End)
    }
}
