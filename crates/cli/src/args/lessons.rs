//! The arguments of `stagelight lessons`.

use std::path::PathBuf;

pub(super) const HELP: &str = "\
Nothing is built and nothing is fetched: goals are held against what the file says.
docs/lessons.md describes lessons, their goals, and the front page of a workshop.

Examples:
  stagelight lessons check lessons
  stagelight lessons new 'Name the stages' -o lessons";

pub(super) const CHECK_HELP: &str = "\
A folder is a workshop: its README.md lists the lessons; without one, all files of Markdown in it are lessons.
Of each lesson: the start misses a goal, the solution meets all of them, there are hints, live Dockerfiles can be
built, and links lead somewhere.

Exit codes:
  0  Every lesson is as it should be
  1  Something is wrong in a lesson
  2  Wrong use, or a file could not be read";

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Lessons {
    /// Say what is wrong in lessons
    #[command(after_long_help = CHECK_HELP)]
    Check {
        /// Lessons, and folders of them
        #[arg(value_name = "DIR|FILE", required = true)]
        paths: Vec<PathBuf>,
    },
    /// Begin a new lesson: a file with everything that a lesson has, and its line in the front page
    New {
        /// What the lesson is called
        #[arg(value_name = "NAME")]
        name: String,
        /// The folder to put it in
        #[arg(short, long, value_name = "DIR", default_value = ".")]
        output: PathBuf,
    },
}
