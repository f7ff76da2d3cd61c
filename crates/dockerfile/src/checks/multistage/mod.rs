//! Our own rules: what goes wrong between stages, for the chosen target.
//!
//! They look at what the target needs and leave the other stages alone. What a RUN does is never certain, so a finding
//! that rests on it says "likely". Nothing here is about style.

mod circular_reference;
mod misspelled_stage;
mod near_json;
mod not_a_stage;
mod numeric_reference;
mod outside;
mod trailing_comment;
mod unnamed_stage;
mod unpinned_copy_source;

use super::Rule;

/// Our rules, in the order in which the documentation lists them.
pub static RULES: &[&Rule] = &[
    // Stages and references.
    &unnamed_stage::RULE,
    &numeric_reference::RULE,
    &misspelled_stage::RULE,
    &not_a_stage::RULE,
    &circular_reference::RULE,
    &unpinned_copy_source::RULE,
    // What commands do.
    &trailing_comment::RULE,
    &near_json::RULE,
    // Files, layers and the build context.
];
