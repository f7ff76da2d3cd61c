//! Questions to the graph, each with one function: what a target needs, and why.

mod around;
mod base_card;
mod command_line;
mod compare;
pub mod cut;
mod describe;
mod errors;
mod image;
mod layers;
mod legacy;
mod lineage;
mod outline;
mod reason;
mod runtime;
mod size;
mod state;
mod step_names;
mod steps;

pub use around::around;
pub use base_card::{BaseCard, Fact, SizeSource, base_card, is_known_image};
pub use command_line::{Builder, command_line};
pub use compare::{Comparison, Side, compare};
pub use cut::{Context, Cut, SourceUse, StageCut, Target, TargetError, Targetable, cut};
pub use describe::{edge_sentence, source_words};
pub use errors::{errors, first_error};
pub use image::{Image, image};
pub use layers::{LayerRow, Layers, Makes, layers};
pub use legacy::{Legacy, Refusal, legacy, refusals};
pub use outline::{Outline, OutlineArg, OutlineCache, OutlineSecret, TargetRow, outline, targets};
pub use reason::{MAX_TARGETS, Need, Reason, Skip};
pub use runtime::{Finding, Runtime, runtime};
pub use size::{SizeEstimate, SizePart, SizeRange, StageSize, size_estimate};
pub use state::{Origin, Placed, Setting, State, Variable, end_state, state_at};
pub use steps::{BuildStep, Plan, StepKind, preparations, steps};
