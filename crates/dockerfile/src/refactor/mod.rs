//! Changes to a file that keep what it builds: the edits, given what was read.

pub(crate) mod lines;
mod names;
mod rename;
mod secret_mount;

pub(crate) use lines::in_double_quotes;
pub use names::{free_name, means, name_stage, reference_range};
pub use rename::rename;
pub(crate) use rename::{edits as rename_edits, is_in_trigger, rename_apart};
pub(crate) use secret_mount::mount_secret;
