//! Changes to a file that keep what it builds: the edits, given what was read.

mod names;

pub use names::{free_name, means, name_stage, reference_range};
