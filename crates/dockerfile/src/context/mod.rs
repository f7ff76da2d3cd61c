//! The build context: its files, what is left out of it, and what the instructions take from it.
//!
//! Nothing is read here: whoever asks tells what there is.

mod glob;
mod selection;

pub use selection::Selection;

use crate::stages::Copied;
use crate::stages::mount::Mount;

/// Whether COPY or ADD takes a path from the tree that its sources are in, if it is there. The path is clean and
/// relative to the root of that tree; what `.dockerignore` leaves out is not asked here.
pub fn takes(copied: &Copied, path: &str) -> bool {
    Selection::of_copy(copied).iter().any(|selection| selection.takes(path))
}

/// Whether a mount shows a path of the tree that it is from, likewise.
pub fn shows(mount: &Mount, path: &str) -> bool {
    Selection::of_mount(mount).is_some_and(|selection| selection.takes(path))
}
