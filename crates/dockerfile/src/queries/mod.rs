//! Questions to the graph, each with one function: what a target needs, and why.

pub mod cut;
mod reason;

pub use cut::{Context, Cut, SourceUse, StageCut, Target, TargetError, Targetable, cut};
pub use reason::{MAX_TARGETS, Need, Reason, Skip};
