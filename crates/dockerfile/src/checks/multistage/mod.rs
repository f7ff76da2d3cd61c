//! Our own rules: what goes wrong between stages, for the chosen target.
//!
//! They look at what the target needs and leave the other stages alone. What a RUN does is never certain, so a finding
//! that rests on it says "likely". Nothing here is about style.

mod bad_dockerignore;
mod build_tools_shipped;
mod changed_after_copy;
mod circular_reference;
mod context_sources;
mod copies;
mod dev_dependencies_shipped;
mod forward_reference;
mod ignored_copy_source;
mod invocation;
mod libc_mismatch;
mod missing_copy_source;
mod misspelled_stage;
mod mixed_versions;
mod modules;
mod modules_of_another_system;
mod near_json;
mod no_certificates;
mod no_dockerignore;
mod no_shell;
mod no_time_zones;
mod not_a_stage;
mod nothing_left_behind;
mod nothing_makes_path;
mod numeric_reference;
mod outside;
mod pointless_cleanup;
mod removed_in_later_layer;
mod repeated_steps;
mod reread;
mod runs;
mod runs_as_root;
mod secret_in_discarded_stage;
mod settings_left_behind;
mod shell_variables;
mod source_before_dependencies;
mod stage_not_needed;
mod systems;
mod test_commands;
mod tests_do_not_run;
mod trailing_comment;
mod unknown_user;
mod unnamed_stage;
mod unpinned_copy_source;
mod unwanted_in_context;
mod variable_of_other_stage;
mod whole_tree_copied;

use super::Rule;

/// Our rules, in the order in which the documentation lists them.
pub static RULES: &[&Rule] = &[
    // Stages and references.
    &unnamed_stage::RULE,
    &numeric_reference::RULE,
    &misspelled_stage::RULE,
    &not_a_stage::RULE,
    &forward_reference::RULE,
    &circular_reference::RULE,
    &stage_not_needed::RULE,
    &tests_do_not_run::RULE,
    &settings_left_behind::RULE,
    &unpinned_copy_source::RULE,
    &mixed_versions::RULE,
    // What commands do.
    &trailing_comment::RULE,
    &near_json::RULE,
    &no_shell::RULE,
    &unknown_user::RULE,
    &no_certificates::RULE,
    &no_time_zones::RULE,
    &libc_mismatch::RULE,
    &modules_of_another_system::RULE,
    &dev_dependencies_shipped::RULE,
    &build_tools_shipped::RULE,
    &whole_tree_copied::RULE,
    &nothing_left_behind::RULE,
    &source_before_dependencies::RULE,
    &repeated_steps::RULE,
    // Files, layers and the build context.
    &bad_dockerignore::RULE,
    &missing_copy_source::RULE,
    &ignored_copy_source::RULE,
    &no_dockerignore::RULE,
    &unwanted_in_context::RULE,
    &changed_after_copy::RULE,
    &removed_in_later_layer::RULE,
    &pointless_cleanup::RULE,
    &nothing_makes_path::RULE,
    &secret_in_discarded_stage::RULE,
    &variable_of_other_stage::RULE,
    &runs_as_root::RULE,
];
