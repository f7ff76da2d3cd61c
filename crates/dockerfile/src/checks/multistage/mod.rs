//! Our own rules: what goes wrong between stages, for the chosen target.
//!
//! They look at what the target needs and leave the other stages alone. What a RUN does is never certain, so a finding
//! that rests on it says "likely". Nothing here is about style.

mod numeric_reference;
mod unnamed_stage;

use super::Rule;

/// Our rules, in the order in which the documentation lists them.
pub static RULES: &[&Rule] = &[
    // Stages and references.
    &unnamed_stage::RULE,
    &numeric_reference::RULE,
    // What commands do.
    // Files, layers and the build context.
];
