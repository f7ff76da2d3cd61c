//! The arguments of `stagelight context`.

use std::path::PathBuf;

use clap::ValueEnum;

use super::Build;

pub(super) const HELP: &str = "\
Exit codes:
  0  The build finds all that it takes from the context
  1  It would fail: something is not there, or .dockerignore has a line that cannot be read
  2  There is no answer: wrong use, a file that cannot be read, or a Dockerfile that BuildKit refuses

The names and sizes of the files are looked at, and the text of the ignore file. Nothing is built.
docs/context.md describes the format json.

Examples:
  stagelight context Dockerfile
  stagelight context docker/Dockerfile --context . --target test
  stagelight context Dockerfile --format json";

#[derive(Debug, clap::Args)]
pub(crate) struct Context {
    /// The Dockerfile; '-' for the standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) build: Build,
    /// The folder that is the build context; without it the current one
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) context: PathBuf,
    /// How to answer
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// How the answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// One object
    Json,
}
