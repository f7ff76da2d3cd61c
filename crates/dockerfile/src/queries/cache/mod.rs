//! What runs again, and what stays cached, when something changes.
//!
//! Follows BuildKit's solver and the cache keys of its operations (`solver/edge.go`, `ops/exec.go`, `ops/file.go`,
//! `ops/merge.go`). A step stays cached if the build before had one with the same key. RUN is keyed by what it does and by
//! the *key* of what it starts from; COPY and ADD, mounts and everything else that is only read, by *content*. So a
//! miss goes on from step to step, but ends where copied content is the same: a stage is a firewall. Surprising: times
//! of files do not count, and neither do the folder that a source lies in, the value of a secret, or the name of a
//! cache; ARG counts for each RUN below it, used or not; and a RUN that mounts the stage it starts from is keyed by that
//! stage's content.
//!
//! What a RUN writes when it runs again, nobody can tell from the text, so both cases are asked for ([`Outputs`]). What
//! is in the files of a context is not known either: a source of another name counts as other content.

mod content;
mod day;
mod rows;
mod solve;
mod tell;
mod wanted;
mod why;

pub(super) use rows::Rows;
pub use rows::counterparts;

pub use day::{Edit, day, day_of_a_developer};

use super::cut::Cut;
use super::plan::{Place, Plan};
use crate::ignore::Ignore;

/// A build: a file as it is, for a target.
#[derive(Clone, Copy)]
pub struct Build<'b> {
    /// What the file comes to.
    pub plan: &'b Plan<'b>,
    /// What the target needs.
    pub cut: &'b Cut,
    /// What is left out of the build context, if that is known. Of two builds that leave out different files, those
    /// are among [`Changes::files`], as [`What::Touched`] if nothing else became of them.
    pub ignore: Option<&'b Ignore>,
}

/// What has changed between two builds beside the Dockerfile and its arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Files of the build context and of named contexts; the Dockerfile is one of them if it was edited and lies there.
    pub files: Vec<FileChange>,
    /// Images that a reference stands for another one of.
    pub images: Vec<MovedImage>,
    /// Downloads and repositories with other content, as written after expansion.
    pub remotes: Vec<String>,
}

/// A file that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// The named context it is in; `None` for the build context.
    pub context: Option<String>,
    /// Its path, relative to the root of the context.
    pub path: String,
    /// What happened to it.
    pub what: What,
}

/// What can happen to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// Something else is in it.
    Content,
    /// Its mode is another one.
    Mode,
    /// It was not there.
    Added,
    /// It is gone.
    Removed,
    /// Its time is another one, and nothing else.
    Touched,
}

/// A reference that stands for another image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedImage {
    /// The reference, normalised.
    pub reference: String,
    /// What is different.
    pub files: Files,
}

/// Which files of an image are others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Files {
    /// None: only its configuration is another one.
    Same,
    /// Nobody knows which.
    Unknown,
    /// Those below these paths.
    Below(Vec<String>),
}

/// What the RUN steps write that run again, and what is in an image of which nobody knows what changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outputs {
    /// Something else.
    #[default]
    Changed,
    /// The same, byte for byte; only times differ.
    Same,
}

/// What becomes of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fate {
    /// The target does not need it.
    NotNeeded,
    /// It has nothing to run: it changes the image's configuration, or what later steps see.
    Settings,
    /// It stays cached.
    Cached,
    /// It stays cached although what it takes from was made anew: the content is the same.
    SameContent,
    /// It is one with another step.
    Merged,
    /// Its files stay cached; they are laid over something else (`--link`).
    Relinked,
    /// It runs again.
    Runs,
}

/// What becomes of one instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepForecast {
    /// The instruction.
    pub place: Place,
    /// Its first line.
    pub line: u32,
    /// What becomes of it.
    pub fate: Fate,
    /// Why, in a sentence.
    pub sentence: String,
    /// The step that is the cause, if one is.
    pub cause: Option<Place>,
}

/// What a change does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// Every instruction of every stage, FROM included, in file order.
    pub steps: Vec<StepForecast>,
    /// By vertex of the plan after the change: what becomes of it, if the target needs it.
    pub vertices: Vec<Option<Fate>>,
    /// What runs again, in units: each command of a RUN, and each COPY, ADD and WORKDIR.
    pub cost: usize,
}

impl Forecast {
    /// What becomes of an instruction.
    pub fn at(&self, place: Place) -> Option<&StepForecast> {
        let at = self.steps.binary_search_by_key(&place, |step| step.place).ok()?;
        self.steps.get(at)
    }
}

/// What runs again in `after`, once `before` has been built. The same build twice asks what a change outside of the file
/// does. Right only if neither cut has errors.
pub fn what_if(before: Build<'_>, after: Build<'_>, changes: &Changes, outputs: Outputs) -> Forecast {
    let solved = solve::solve(before, after, changes, outputs);
    tell::forecast(&solved)
}
