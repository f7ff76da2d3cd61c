//! The arguments of the command, and its help.

mod build;
mod builds;
mod check;
mod context;
mod graph;
mod lessons;
mod link;
mod multi_stage;
#[cfg(feature = "serve")]
mod serve;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use dockerfile::stages::{BaseConfig, BuildOptions};

pub(crate) use build::{Build, Input};
pub(crate) use builds::{Builds, Format as BuildsFormat};
pub(crate) use check::{Check, Format as CheckFormat, Rules};
pub(crate) use context::{Context, Format as ContextFormat};
pub(crate) use graph::{Format as GraphFormat, Graph, Theme as GraphTheme};
pub(crate) use lessons::Lessons;
pub(crate) use link::{Open, Share};
pub(crate) use multi_stage::MultiStage;
#[cfg(feature = "serve")]
pub(crate) use serve::Serve;

/// Says what Dockerfiles do, as BuildKit reads them
#[derive(Debug, Parser)]
#[command(name = "stagelight", version, subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say what Dockerfiles do: stages, what a target runs and why, arguments, errors
    #[command(after_long_help = INSPECT_HELP)]
    Inspect(Inspect),
    /// Say what is wrong in Dockerfiles, or could be better, and mend it
    #[command(after_long_help = check::HELP)]
    Check(Check),
    /// Say what a build gets of its context: which files are sent, why others are not, and who takes what
    #[command(after_long_help = context::HELP)]
    Context(Context),
    /// Say which services of a Compose file, or targets of a Bake file, build which stages
    #[command(after_long_help = builds::HELP)]
    Builds(Builds),
    /// Draw the stages: as a picture, for Graphviz or Mermaid, as a tree of text, or as a report
    #[command(after_long_help = graph::HELP)]
    Graph(Graph),
    /// Make a link that opens a Dockerfile in the playground, with what its build is given
    #[command(after_long_help = link::SHARE_HELP)]
    Share(Share),
    /// Write the files of a link back
    #[command(after_long_help = link::OPEN_HELP)]
    Open(Open),
    /// Make one multi-stage Dockerfile of two Dockerfiles and the script that carries files from one to the other
    #[command(after_long_help = multi_stage::HELP)]
    MultiStage(MultiStage),
    /// Check lessons, or begin a new one
    #[command(subcommand, after_long_help = lessons::HELP)]
    Lessons(Lessons),
    /// Serve the site, and build for it where there is an engine
    #[cfg(feature = "serve")]
    #[command(after_long_help = serve::HELP)]
    Serve(Box<Serve>),
    /// List the rules of `check`, or show the pages of some
    Rules(Rules),
    /// Write what a shell needs to complete these commands
    #[command(after_long_help = COMPLETIONS_HELP)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Compare words, references, platforms and addresses with what a file of cases expects
    #[command(hide = true)]
    UnitCases { file: PathBuf },
    /// Compare facts with those of a reference
    #[command(hide = true)]
    CompareFacts(CompareFacts),
}

#[derive(Debug, clap::Args)]
pub(crate) struct CompareFacts {
    /// The facts of the reference, a row a line
    pub(crate) theirs: PathBuf,
    /// The output of `inspect --format jsonl`
    pub(crate) ours: PathBuf,
    /// Compare files made to be difficult, not those that exist
    #[arg(long)]
    pub(crate) torture: bool,
    /// Show differences of one section
    #[arg(long, value_name = "SECTION")]
    pub(crate) show: Option<String>,
    /// How many of them
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) max_shown: u32,
}

const COMPLETIONS_HELP: &str = "\
Examples:
  stagelight completions bash > ~/.local/share/bash-completion/completions/stagelight
  stagelight completions fish > ~/.config/fish/completions/stagelight.fish
  stagelight completions zsh > ~/.zfunc/_stagelight    # a folder of your fpath";

const INSPECT_HELP: &str = "\
Exit codes:
  0  BuildKit accepts every file
  1  BuildKit refuses a file
  2  Wrong use, or a file could not be read

Nothing is built and nothing is fetched. Every image is taken to exist, and in the formats json and jsonl to
set nothing but PATH; `# syntax` is not followed. docs/facts.md describes these formats.

Examples:
  stagelight inspect Dockerfile
  stagelight inspect Dockerfile --target test --build-arg VERSION=1.2
  stagelight inspect Dockerfile --build-context alpine=docker-image://alpine:3.22
  stagelight inspect Dockerfile --state 12
  git ls-files '*Dockerfile*' | stagelight inspect --format jsonl --files-from -";

#[derive(Debug, clap::Args)]
pub(crate) struct Inspect {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    build: Build,
    /// How to answer
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Say what is in force at a line: directory, user, shell, variables, each with the line that sets it
    #[arg(long, value_name = "LINE")]
    pub(crate) state: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// One readable object a file
    Json,
    /// One line a file
    Jsonl,
}

impl Inspect {
    /// The same for the core.
    pub(crate) fn options(&self) -> BuildOptions {
        // For people, what a base image sets is left open; facts are for comparing, and say what they assume.
        self.build.options((self.format != Format::Text).then(plain_image))
    }
}

/// An image that sets nothing but PATH.
fn plain_image() -> BaseConfig {
    const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    BaseConfig { env: vec![("PATH".to_owned(), PATH.to_owned())], ..BaseConfig::default() }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Args::command().debug_assert();
    }

    fn check(line: &str) -> Result<Inspect, String> {
        match Args::try_parse_from(line.split_whitespace()) {
            Ok(Args { command: Command::Inspect(inspect) }) => Ok(inspect),
            Ok(other) => Err(format!("{other:?}")),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn options_reach_the_core() {
        let inspect =
            check("stagelight inspect a --build-arg A=1 --build-arg A=2=3 --platform arm64 --target t");
        let options = inspect.unwrap().options();
        assert_eq!(
            options.build_args,
            [("A".to_owned(), "1".to_owned()), ("A".to_owned(), "2=3".to_owned())]
        );
        assert_eq!(options.target_platform, "linux/arm64");
        assert_eq!(options.build_platform, "linux/amd64");
        assert_eq!(options.target.as_deref(), Some("t"));
    }

    #[test]
    fn wrong_use_is_said() {
        assert!(check("stagelight inspect").unwrap_err().contains("<FILE"));
        assert!(check("stagelight inspect a --platform a/b/c/d/e").unwrap_err().contains("--platform"));
        assert!(check("stagelight inspect a --build-arg =1").unwrap_err().contains("needs a name"));
        for context in ["x", "=x", "x="] {
            let error = check(&format!("stagelight inspect a --build-context {context}")).unwrap_err();
            assert!(error.contains("NAME=VALUE, e.g."), "{error}");
        }
        let error = check("stagelight inspect a --build-context Upper=.").unwrap_err();
        assert!(error.contains("invalid context name Upper"), "{error}");
        let error = check("stagelight inspect a --build-context a::b/c/d/e/f=.").unwrap_err();
        assert!(error.contains("--build-context"), "{error}");
    }

    #[test]
    fn names_of_contexts_are_normal() {
        let line = "stagelight inspect a --build-context library/alpine:latest=. \
                    --build-context alpine::arm64=docker-image://alpine:3=x";
        let contexts = check(line).unwrap().options().contexts;
        let expected = [("alpine", "."), ("alpine::linux/arm64", "docker-image://alpine:3=x")];
        assert_eq!(contexts, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
