//! The arguments of `stagelight check` and `stagelight rules`.

use std::path::PathBuf;

use clap::ValueEnum;
use dockerfile::checks::{self, Finding, Level, Rule};

use super::{Build, Input};

pub(super) const HELP: &str = "\
Exit codes:
  0  Nothing is found that is as bad as --fail-on says
  1  Something is, or --diff has changes to show
  2  Wrong use, or a file could not be read or written

Nothing is built and nothing is fetched. A finding is silenced by a comment above its instruction, such as
`# check=skip=StageNameCasing`, `# stagelight skip=UnnamedStage // why` or `# hadolint ignore=DL3024`.
docs/checks.md describes all of it, and the format json.

Examples:
  stagelight check Dockerfile
  stagelight check Dockerfile --target test --context .
  stagelight check Dockerfile --fix
  stagelight check Dockerfile --diff --unsafe-fixes
  git ls-files '*Dockerfile*' | stagelight check --format sarif --files-from -";

#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) build: Build,
    /// The build context: some rules look at its .dockerignore and at the names of its files
    #[arg(long, value_name = "DIR")]
    pub(crate) context: Option<PathBuf>,
    /// Mend what can be mended without changing what is built, and say what is left; of the standard input, print
    /// the mended text
    #[arg(long, conflicts_with = "diff")]
    pub(crate) fix: bool,
    /// Show what --fix would change, and change nothing
    #[arg(long)]
    pub(crate) diff: bool,
    /// With --fix and --diff, mend also where that changes what is built, or where a fix has to guess
    #[arg(long)]
    pub(crate) unsafe_fixes: bool,
    /// How to answer
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// Look for these rules alone, experimental ones too
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = rule)]
    pub(crate) select: Vec<&'static Rule>,
    /// Leave these rules out
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = rule)]
    pub(crate) ignore: Vec<&'static Rule>,
    /// From which level on the exit code is 1
    #[arg(long, value_name = "LEVEL", value_enum, default_value_t = FailOn::Warning)]
    pub(crate) fail_on: FailOn,
}

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// One object for all files
    Json,
    /// The form that code hosts and editors read, in version 2.1.0
    Sarif,
    /// Workflow commands that GitHub shows beside the lines
    Github,
}

/// The mildest level that counts as failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// The build fails, or what it makes cannot run
    Error,
    /// Most likely not what was meant
    Warning,
    /// Anything at all
    Info,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Rules {
    /// Show the pages of these rules
    #[arg(value_name = "NAME", value_parser = rule)]
    pub(crate) names: Vec<&'static Rule>,
}

impl Check {
    /// Whether anything is to be mended, or shown mended.
    pub(crate) fn mends(&self) -> bool {
        self.fix || self.diff
    }

    /// Whether a finding is wanted. Experimental rules are asked by their names, here or in the file.
    pub(crate) fn wants(&self, finding: &Finding) -> bool {
        let is_selected = self.select.contains(&finding.rule);
        (is_selected || self.select.is_empty() && !finding.hidden) && !self.ignore.contains(&finding.rule)
    }
}

impl FailOn {
    /// Whether a finding of this level is a failure.
    pub(crate) fn fails(self, level: Level) -> bool {
        let mildest = match self {
            FailOn::Error => Level::Error,
            FailOn::Warning => Level::Warning,
            FailOn::Info => Level::Info,
        };
        level <= mildest
    }
}

fn rule(name: &str) -> Result<&'static Rule, String> {
    checks::rule(name).ok_or_else(|| match checks::similar_rule(name) {
        Some(rule) => format!("there is no such rule; did you mean {}?", rule.name),
        None => "there is no such rule; `stagelight rules` lists them".to_owned(),
    })
}
