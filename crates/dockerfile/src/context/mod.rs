//! The build context: its files, what is left out of it, what a build asks for and gets, and who takes what.
//!
//! Follows `dockerui` (which ignore file counts), `fsutil` (what goes over from client to builder) and BuildKit's file
//! operations (what is copied). Surprising: a context is not sent whole, but only what the needed COPY, ADD and mounts
//! name; a wildcard that finds nothing copies nothing, and that is no error, where a path that is not there is one;
//! and what `.dockerignore` leaves out is, for the build, not there.
//!
//! Nothing is read here: whoever asks tells what there is. Links are not followed; one counts as a file.

mod glob;
mod selection;
mod takers;
mod templates;
mod transfer;
mod tree;

pub use selection::Selection;
pub use takers::{Taker, takers};
pub use templates::{TEMPLATES, Template};
pub(crate) use transfer::Received;
pub use transfer::{Fate, Outcome, Taken, TakenSource, Transfer, transfer};

use crate::stages::Copied;
use crate::stages::mount::Mount;

/// A build context, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildContext {
    /// What stands in the ignore file; `None` if there is none.
    pub ignore: Option<String>,
    /// The files; `None` if nobody has listed them.
    pub files: Option<Vec<ContextFile>>,
    /// Whether there are more than are listed, so that nothing can be told to be missing.
    pub is_partial: bool,
}

/// A file of a context.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContextFile {
    /// Its path, relative to the root of the context, with `/` between names. One at the end says that it is a
    /// directory, which needs saying only if nothing is in it.
    pub path: String,
    /// Its size in bytes; `None` if nobody has told.
    pub size: Option<u64>,
}

impl ContextFile {
    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.path.ends_with('/')
    }
}

impl<T: Into<String>> From<T> for ContextFile {
    fn from(path: T) -> ContextFile {
        ContextFile { path: path.into(), size: None }
    }
}

/// The names under which BuildKit looks for an ignore file, the one that counts first: beside the Dockerfile, and at
/// the root of the context.
pub fn ignore_names(dockerfile: &str) -> [String; 2] {
    [format!("{dockerfile}.dockerignore"), ".dockerignore".to_owned()]
}

/// Whether COPY or ADD takes a path from the tree that its sources are in, if it is there. The path is clean and
/// relative to the root of that tree; what `.dockerignore` leaves out is not asked here.
pub fn takes(copied: &Copied, path: &str) -> bool {
    Selection::of_copy(copied).iter().any(|selection| selection.takes(path))
}

/// Whether a mount shows a path of the tree that it is from, likewise.
pub fn shows(mount: &Mount, path: &str) -> bool {
    Selection::of_mount(mount).is_some_and(|selection| selection.takes(path))
}
