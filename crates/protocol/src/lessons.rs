//! What the module that reads lessons says of them, for the page that shows them.
//!
//! Texts are Markdown as they were written, since the application makes elements of Markdown anyway. Nothing of this is
//! kept or linked: module and application are always of one version.

use serde::{Deserialize, Serialize};

use crate::Context;

/// The front page of a folder of lessons.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workshop {
    /// What it is called.
    pub title: String,
    /// What stands below the title.
    pub about: String,
    /// Its lessons, in order.
    pub lessons: Vec<Entry>,
    /// What could not be read, in sentences.
    pub problems: Vec<String>,
}

/// A lesson in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What the front page calls it.
    pub title: String,
    /// Its file, relative to the folder.
    pub path: String,
    /// The heading that it stands under; empty if there is none.
    pub section: String,
}

/// A lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lesson {
    /// What it is called.
    pub title: String,
    /// What comes before the exercise.
    pub parts: Vec<Part>,
    /// What is to be done; `None` for a lesson that is only read.
    pub exercise: Option<Exercise>,
    /// What comes behind the exercise.
    pub after: Vec<Part>,
    /// What could not be read, in sentences.
    pub problems: Vec<String>,
}

/// A piece of a lesson.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Markdown.
    Text(String),
    /// A live Dockerfile.
    Example(Example),
}

/// A Dockerfile with what lies beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// The Dockerfile; empty if there is none.
    pub dockerfile: String,
    /// The target, if it is not the last stage.
    pub target: Option<String>,
    /// Whether BuildKit is meant to refuse it.
    pub fails: bool,
    /// The build context, as far as the lesson tells.
    pub context: Option<Context>,
}

/// What is to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exercise {
    /// What is asked for.
    pub task: Vec<Part>,
    /// What one begins with.
    pub start: Example,
    /// What stands above the goals.
    pub about_goals: Vec<Part>,
    /// What one's own Dockerfile has to come to, a sentence each, with values in backticks.
    pub goals: Vec<String>,
    /// Help in Markdown, the least of it first.
    pub hints: Vec<String>,
    /// A Dockerfile that meets all goals.
    pub solution: Example,
    /// What is said about it.
    pub about_solution: Vec<Part>,
}

/// What somebody has written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// The Dockerfile.
    pub dockerfile: String,
    /// The build context, as far as it is known.
    pub context: Option<Context>,
}

/// How a goal stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether it is met.
    pub outcome: Outcome,
    /// What makes it so, what is missing, or what nobody can tell; without a full stop.
    pub why: String,
    /// The place in the Dockerfile that it is about.
    pub place: Option<Place>,
}

/// Whether a goal is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It is.
    Met,
    /// It is not.
    Unmet,
    /// The Dockerfile does not tell.
    Unknown,
}

/// A place in a Dockerfile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Bytes from its beginning.
    pub offset: usize,
    /// The line, from 1.
    pub line: u32,
}
