//! The arguments of `stagelight graph`.

use std::path::PathBuf;

use clap::ValueEnum;

use super::Build;

pub(super) const HELP: &str = "\
Exit codes:
  0  Written
  1  Written as far as the file can be read: BuildKit refuses it, or the target runs into an error
  2  Nothing to write: wrong use, a file that cannot be read, a target or a stage that is not there

The same file gives the same bytes on every machine. docs/graph.md describes the forms, and json key by key.

Examples:
  stagelight graph Dockerfile
  stagelight graph Dockerfile --target test -o stages.svg
  stagelight graph Dockerfile -o stages.png --theme dark --scale 3
  stagelight graph Dockerfile --format dot | dot -Tpdf > stages.pdf";

#[derive(Debug, clap::Args)]
pub(crate) struct Graph {
    /// The Dockerfile; '-' for the standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) build: Build,
    /// What to write; without it what the name behind -o ends in, or else text
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,
    /// Whether a picture is light or dark; auto follows the reader's system, a PNG is light then
    #[arg(long, value_enum)]
    pub(crate) theme: Option<Theme>,
    /// How many pixels of a PNG make one of the picture, from 0.1 to 10; without it 2
    #[arg(long, value_name = "N", value_parser = scale)]
    pub(crate) scale: Option<f32>,
    /// Write to this file
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
}

/// A form that the stages are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A picture that browsers and drawing programs read, with nothing outside of it
    Svg,
    /// A picture of pixels
    Png,
    /// Graphviz
    Dot,
    /// A flowchart that GitHub, GitLab and others draw in Markdown
    Mermaid,
    /// One object
    Json,
    /// A tree, for terminals
    Text,
    /// A report
    Markdown,
}

/// How a picture is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Theme {
    /// As the reader's system has it
    Auto,
    /// Dark on light
    Light,
    /// Light on dark
    Dark,
}

fn scale(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(scale) if (0.1..=10.0).contains(&scale) => Ok(scale),
        Ok(_) | Err(_) => Err("write a number from 0.1 to 10".to_owned()),
    }
}
