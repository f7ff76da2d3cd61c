//! The arguments of `stagelight builds`.

use std::path::PathBuf;

use clap::ValueEnum;

pub(super) const HELP: &str = "\
Exit codes:
  0  Every build of the Dockerfile asks for a stage that is there
  1  A build asks for a stage that is not there, or something else is an error
  2  There is no answer: wrong use, or a file that cannot be read

Nothing is built, and the environment is not looked at: what only it knows is said to be unknown. --env tells it.
docs/builds.md describes the format json.

Examples:
  stagelight builds Dockerfile --compose compose.yaml
  stagelight builds docker/Dockerfile --bake docker-bake.hcl --env TAG=1.2
  stagelight builds Dockerfile --compose compose.yaml --format json";

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("builds").required(true))]
pub(crate) struct Builds {
    /// The Dockerfile; '-' for the standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The Compose file
    #[arg(long, value_name = "FILE", group = "builds")]
    pub(crate) compose: Option<PathBuf>,
    /// The Bake file, in HCL, in JSON, or a Compose file, which Bake reads too
    #[arg(long, value_name = "FILE", group = "builds")]
    pub(crate) bake: Option<PathBuf>,
    /// What a variable of the environment is; K alone takes it from the environment
    #[arg(long = "env", value_name = "K=V", value_parser = variable)]
    pub(crate) variables: Vec<(String, String)>,
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

fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, value.to_owned()),
        None => (text, std::env::var(text).map_err(|_| format!("the environment has no '{text}'"))?),
    };
    if name.is_empty() {
        return Err("it needs a name in front of the '='".to_owned());
    }
    Ok((name.to_owned(), value))
}
