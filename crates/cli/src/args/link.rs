//! The arguments of `stagelight share` and `stagelight open`.

use std::path::PathBuf;

use super::Build;

pub(super) const SHARE_HELP: &str = "\
The link is the last line of the output. Everything is in it, behind the '#', which browsers do not send to any
server; whoever has the link can read all of it. docs/links.md says what a link holds.

Exit codes:
  0  There is a link
  2  There is none: wrong use, a file that cannot be read or is no text, or more than a link holds

Examples:
  stagelight share Dockerfile --base https://example.org/stagelight/
  stagelight share Dockerfile .dockerignore --target test
  stagelight share docker/Dockerfile --context . --build-arg VERSION=1.2 | tail -n 1";

#[derive(Debug, clap::Args)]
pub(crate) struct Share {
    /// The Dockerfile ('-' for the standard input), and its .dockerignore if that shall go along
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) build: Build,
    /// Take the names and sizes of the files in this folder along, and its ignore file
    #[arg(long, value_name = "DIR")]
    pub(crate) context: Option<PathBuf>,
    /// The address of the playground; without it that in STAGELIGHT_BASE
    #[arg(long, value_name = "URL")]
    pub(crate) base: Option<String>,
    /// Write a file that the page opens, for what is too long for a link
    #[arg(short, long, value_name = "FILE", conflicts_with = "base")]
    pub(crate) output: Option<PathBuf>,
}

pub(super) const OPEN_HELP: &str = "\
Writes Dockerfile, and .dockerignore if the link has one, byte for byte as they went in. Files of the build context
are named and not made: a link holds their names alone.

Exit codes:
  0  Written
  2  Nothing is written: a link that is damaged or too new, or a file that is there already

Examples:
  stagelight open 'https://example.org/stagelight/#1.q1Z…' -o example
  stagelight open - -o example < link.txt";

#[derive(Debug, clap::Args)]
pub(crate) struct Open {
    /// The link, or what is behind its '#', or a file NAME.stagelight; '-' for a link on the standard input
    #[arg(value_name = "LINK")]
    pub(crate) link: String,
    /// Write into this folder, which is made if it is not there
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// Overwrite files that are there
    #[arg(long)]
    pub(crate) force: bool,
}
