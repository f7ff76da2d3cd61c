//! What each instruction comes to once variables are put in: its values, and what it does to the image.
//!
//! Follows `instructions/commands.go` and the `dispatch…` functions of `dockerfile2llb`. Surprising: ONBUILD
//! instructions of a base stage are commands of the stage built on it, and come first; and an instruction that
//! BuildKit refuses comes to nothing at all.

use std::borrow::Cow;
use std::rc::Rc;

use super::mount::Mount;

/// An instruction that runs in a stage: one of its own, or a trigger of its base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The row in [`super::Stage::steps`]; 0, the FROM, for a trigger.
    pub step: usize,
    /// For a trigger its index in [`super::Stage::triggers`].
    pub trigger: Option<usize>,
    /// What it does.
    pub effect: Effect,
    /// Variables it uses that nothing in the file sets, where the base image might: in alphabetical order. The
    /// values are then right only if the image sets none of them. Empty if the base image's configuration is
    /// known.
    pub unknown: Vec<String>,
}

/// What an instruction does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// COPY or ADD.
    Copy(Copied),
    /// RUN.
    Run(Ran),
    /// ENV, with the pairs after expansion.
    Env(Vec<(Rc<str>, Rc<str>)>),
    /// LABEL, likewise.
    Label(Vec<(Rc<str>, Rc<str>)>),
    /// ARG.
    Arg(Vec<ArgValue>),
    /// WORKDIR.
    Workdir {
        /// The value after expansion.
        value: String,
        /// The directory from here on: as written if that is absolute, else cleaned.
        path: String,
        /// The directory that BuildKit makes; none for `/`.
        makes: Option<String>,
    },
    /// USER after expansion.
    User(String),
    /// VOLUME after expansion.
    Volume(Vec<String>),
    /// STOPSIGNAL after expansion.
    Stopsignal(String),
    /// EXPOSE: the words after expansion, in the order in which BuildKit takes them. A word of ten characters
    /// may stand for all 65,536 ports, so [`super::ports`] tells them only to those who ask.
    Expose(Vec<String>),
    /// SHELL.
    Shell(Vec<String>),
    /// CMD.
    Cmd(CommandLine),
    /// ENTRYPOINT; `None` for an empty one.
    Entrypoint(Option<CommandLine>),
    /// HEALTHCHECK.
    Healthcheck(Health),
    /// ONBUILD: the text of the trigger.
    Onbuild(String),
    /// MAINTAINER.
    Maintainer(String),
    /// Nothing: it is refused, or no instruction at all.
    Nothing,
}

impl Effect {
    /// The variables that ENV or ARG declares, each with its value, which an ARG may be without.
    pub(crate) fn variables(&self) -> impl DoubleEndedIterator<Item = (&str, Option<&str>)> {
        let pairs = if let Effect::Env(pairs) = self { &pairs[..] } else { &[] };
        let args = if let Effect::Arg(args) = self { &args[..] } else { &[] };
        let pairs = pairs.iter().map(|(name, value)| (&**name, Some(&**value)));
        pairs.chain(args.iter().map(|arg| (&*arg.name, arg.value.as_deref())))
    }
}

/// What COPY or ADD takes and where it puts it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Sources after expansion; heredocs are in `contents`.
    pub sources: Vec<String>,
    /// The destination after expansion.
    pub destination: String,
    /// Heredocs, which become files.
    pub contents: Vec<Inline>,
    /// Each source, heredocs last, as BuildKit copies it.
    pub files: Vec<FileCopy>,
    /// Whether directories above the sources are kept (`--parents`).
    pub parents: bool,
    /// `--unpack`, if given.
    pub unpack: Option<bool>,
    /// The patterns of `--exclude`.
    pub excludes: Vec<String>,
}

/// A heredoc that becomes a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inline {
    /// Its name.
    pub name: String,
    /// What is in it, after expansion.
    pub data: String,
}

/// One copy of COPY or ADD; both paths are absolute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileCopy {
    /// Where it comes from: in the context, in the stage, or the file name of something remote.
    pub source: String,
    /// Where it goes; a slash at the end says that it is a directory.
    pub destination: String,
}

/// A program and its arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandLine {
    /// The program first; in shell form that is the shell.
    pub arguments: Vec<Cow<'static, str>>,
    /// Whether `arguments` begins with the default shell although the base image might have set another.
    pub shell_unknown: bool,
}

impl CommandLine {
    /// The arguments, copied.
    pub fn to_texts(&self) -> Vec<String> {
        self.arguments.iter().map(|argument| argument.to_string()).collect()
    }
}

/// What RUN runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// Its mounts after expansion.
    pub mounts: Vec<Mount>,
    /// What is executed.
    pub line: CommandLine,
    /// The script of a heredoc that starts with `#!`: it is mounted and executed.
    pub script: Option<Inline>,
    /// The working directory.
    pub workdir: Rc<str>,
    /// The user, empty if none is set.
    pub user: Rc<str>,
}

/// One `name` or `name=value` of an ARG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgValue {
    /// Its name.
    pub name: Rc<str>,
    /// What it is set to; `None` if nothing sets it.
    pub value: Option<Rc<str>>,
    /// Whether the value is that of the global scope.
    pub is_global: bool,
}

impl ArgValue {
    /// Whether it becomes a variable of the stage, which a few names never do.
    pub fn joins_environment(&self) -> bool {
        !super::args::NOT_IN_ENVIRONMENT.contains(&&*self.name)
    }
}

/// A health check; times are in nanoseconds, 0 where nothing is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// `NONE`, or `CMD` and arguments, or `CMD-SHELL` and a command line.
    pub test: Vec<String>,
    /// Time between checks.
    pub interval: i64,
    /// Time after which a check has failed.
    pub timeout: i64,
    /// Time in which failures do not count.
    pub start_period: i64,
    /// Time between checks in that time.
    pub start_interval: i64,
    /// Failures in a row that make a container unhealthy.
    pub retries: i32,
}

/// What a base image says of itself, as far as a Dockerfile builds on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaseConfig {
    /// Environment, in order.
    pub env: Vec<(String, String)>,
    /// Working directory, or empty.
    pub workdir: String,
    /// User, or empty.
    pub user: String,
    /// Shell of shell-form instructions, or empty.
    pub shell: Vec<String>,
    /// Default command.
    pub cmd: Option<Vec<String>>,
    /// Program.
    pub entrypoint: Option<Vec<String>>,
    /// Labels, in order.
    pub labels: Vec<(String, String)>,
    /// Ports, as `80/tcp`.
    pub ports: Vec<String>,
    /// Volumes.
    pub volumes: Vec<String>,
    /// Stop signal, or empty.
    pub stopsignal: String,
    /// Health check.
    pub healthcheck: Option<Health>,
    /// Instructions that run in the stage built on it.
    pub onbuild: Vec<String>,
}

/// What a stage starts with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// What another stage has come to.
    Stage(super::StageId),
    /// Nothing: scratch.
    #[default]
    Empty,
    /// The configuration of an image.
    Image(Box<BaseConfig>),
    /// An image whose configuration nobody has told.
    UnknownImage,
}
