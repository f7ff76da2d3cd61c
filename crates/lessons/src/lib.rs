//! Lessons: Markdown with live Dockerfiles, and an exercise whose goals check themselves.
//!
//! [`Lesson::read`] takes a text apart, [`Goal`]s are sentences such as "the final image has `/app`", and
//! [`judge`] says of each whether a Dockerfile meets it. Everything is asked of the core, so nothing is built. A lesson
//! may come from anywhere: reading never fails, what is wrong is in [`Lesson::problems`], and how much is read has
//! bounds. Docs for authors are in `docs/lessons.md`.
#![warn(missing_docs)]

mod check;
mod claims;
mod example;
mod front;
mod goal;
mod guide;
mod lesson;
pub mod page;
mod template;
mod work;

pub use check::check;
pub use claims::{KINDS, Kind};
pub use example::Example;
pub use front::{Entry, Workshop};
pub use goal::{Conditions, Goal};
pub use guide::guide;
pub use lesson::{Exercise, Hint, Lesson, Part};
pub use template::template;
pub use work::{Outcome, Verdict, judge};

use dockerfile::text::TextRange;

/// Something that is wrong in a lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, in the text of the lesson.
    pub range: TextRange,
    /// What is wrong.
    pub message: String,
    /// What to do, or what is known besides.
    pub help: Option<String>,
    /// Other places, each with a few words.
    pub labels: Vec<(TextRange, String)>,
    /// Whether it is only good to know.
    pub is_note: bool,
}

impl Problem {
    fn new(range: TextRange, message: impl Into<String>) -> Problem {
        Problem { range, message: message.into(), help: None, labels: Vec::new(), is_note: false }
    }

    fn help(self, help: impl Into<String>) -> Problem {
        Problem { help: Some(help.into()), ..self }
    }
}
