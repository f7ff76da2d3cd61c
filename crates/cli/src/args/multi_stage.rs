//! The arguments of `stagelight multi-stage`.

use std::path::PathBuf;

pub(super) const HELP: &str = "\
Exit codes:
  0  The Dockerfile is on the standard output; what there is to know, on the standard error
  2  There is no answer: wrong use, a file that cannot be read, or something that stands in the way

Nothing is built, and no file is changed.

Example:
  stagelight multi-stage Dockerfile.build Dockerfile build.sh > Dockerfile.new";

#[derive(Debug, clap::Args)]
pub(crate) struct MultiStage {
    /// The Dockerfile that builds
    #[arg(value_name = "BUILD")]
    pub(crate) build: PathBuf,
    /// The Dockerfile that ships
    #[arg(value_name = "SHIP")]
    pub(crate) ship: PathBuf,
    /// The shell script: it builds both, and copies files out of a container of the first
    #[arg(value_name = "SCRIPT")]
    pub(crate) script: PathBuf,
}
