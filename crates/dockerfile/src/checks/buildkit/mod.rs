//! BuildKit's build checks: what it would warn of, in its words and at its lines.
//!
//! Follows `frontend/dockerfile/linter`, and the places of the frontend that call it. A file for each rule says what
//! the rule looks for, and a page beside it, `<rule>.md`, is its documentation, its example and its test at once.
//! Surprising: a check comes as far as a build would, so an error hides the findings behind it; a build looks at the
//! stages it needs, a check at all of them, but at the ONBUILD triggers of those alone that the last stage needs; and
//! some rules do not listen to the comment above an instruction.

mod commands;
mod consistent_instruction_casing;
mod copy_ignored_file;
mod duplicate_stage_name;
mod expose_invalid_format;
mod expose_proto_casing;
mod from_as_casing;
mod from_lines;
mod from_platform_flag_const_disallowed;
mod instructions;
mod invalid_base_image_platform;
mod invalid_default_arg_in_from;
mod invalid_definition_description;
mod json_args_recommended;
mod legacy_key_value_format;
mod linter;
mod maintainer_deprecated;
mod multiple_instructions_disallowed;
mod no_empty_continuation;
mod redundant_target_platform;
mod reserved_stage_name;
mod secrets_used_in_arg_or_env;
mod stage_name_casing;
mod undefined_arg_in_from;
mod undefined_var;
mod workdir_relative_path;

pub(super) use copy_ignored_file::is_left_out;
pub(super) use secrets_used_in_arg_or_env::sounds_secret;
pub(super) use undefined_var::is_of_base;

use super::{Finding, Rule};
use crate::ignore::Ignore;
use crate::queries::{self, Cut, Target, TargetError};
use crate::stages::{BuildOptions, StageGraph, StageId, When};
use crate::syntax::{Parse, Phase, SyntaxError};

use linter::Linter;

/// The state of BuildKit that the rules follow, for people.
pub const VERSION: &str = "73ed6825c of August 2026";

/// BuildKit's rules, in its order.
pub static RULES: [&Rule; 22] = [
    &stage_name_casing::RULE,
    &from_as_casing::RULE,
    &no_empty_continuation::RULE,
    &consistent_instruction_casing::RULE,
    &duplicate_stage_name::RULE,
    &reserved_stage_name::RULE,
    &json_args_recommended::RULE,
    &maintainer_deprecated::RULE,
    &undefined_arg_in_from::RULE,
    &workdir_relative_path::RULE,
    &undefined_var::RULE,
    &multiple_instructions_disallowed::RULE,
    &legacy_key_value_format::RULE,
    &invalid_base_image_platform::RULE,
    &redundant_target_platform::RULE,
    &secrets_used_in_arg_or_env::RULE,
    &invalid_default_arg_in_from::RULE,
    &from_platform_flag_const_disallowed::RULE,
    &copy_ignored_file::RULE,
    &invalid_definition_description::RULE,
    &expose_proto_casing::RULE,
    &expose_invalid_format::RULE,
];

/// Which stages are looked at.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'c> {
    /// All of them, as `docker build --check` does without a target.
    AllStages,
    /// Those that a target needs, as a build does, and a check of a target. The value is what asking for the target
    /// has given.
    Target(Result<&'c Cut, &'c TargetError>),
}

/// What a check has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The findings, in the order of the file.
    pub findings: Vec<Finding>,
    /// The error at which BuildKit stops. What it would have found behind it is not among the findings.
    pub error: Option<SyntaxError>,
}

/// Checks a file. `graph` is what `parse` and `options` come to. Takes time in proportion to the file.
pub fn check(parse: &Parse<'_>, graph: &StageGraph, options: &BuildOptions, scope: Scope<'_>) -> Checked {
    check_with(parse, graph, options, scope, None)
}

/// The same where it is known what `.dockerignore` says.
pub(super) fn check_with(
    parse: &Parse<'_>,
    graph: &StageGraph,
    options: &BuildOptions,
    scope: Scope<'_>,
    ignore: Option<&Ignore>,
) -> Checked {
    let mut acc = Linter::new(parse);
    let error = first_error(parse, graph, scope);
    find(parse, graph, options, scope, error.as_ref(), ignore, &mut acc);
    let error = error.or_else(|| acc.violation(parse));
    Checked { findings: acc.into_findings(), error }
}

/// The error that findings are for a build: only where the file wants that (`# check=error=true`), and nothing else is
/// wrong before.
pub fn violation(
    parse: &Parse<'_>,
    graph: &StageGraph,
    options: &BuildOptions,
    cut: &Cut,
) -> Option<SyntaxError> {
    let mut acc = Linter::new(parse);
    if !acc.is_strict() || !parse.errors.is_empty() || !cut.converts {
        return None;
    }
    find(parse, graph, options, Scope::Target(Ok(cut)), None, None, &mut acc);
    acc.violation(parse)
}

/// Goes the way of a build, as far as it gets.
fn find(
    parse: &Parse<'_>,
    graph: &StageGraph,
    options: &BuildOptions,
    scope: Scope<'_>,
    error: Option<&SyntaxError>,
    ignore: Option<&Ignore>,
    acc: &mut Linter,
) {
    let phase = error.map(|error| error.phase);
    if matches!(phase, Some(Phase::Options | Phase::Parse)) {
        return;
    }
    instructions::check(parse, graph, error.filter(|it| it.phase == Phase::Instructions), acc);
    if phase == Some(Phase::Instructions) {
        return;
    }
    consistent_instruction_casing::check(parse, graph, acc);
    let globals = from_lines::check(parse, graph, options, acc);
    if let Some(globals) = globals
        && graph.errors.is_empty()
        && !matches!(scope, Scope::Target(Err(_)))
    {
        commands::check(parse, graph, globals, scope, ignore, acc);
    }
}

/// The error at which BuildKit stops, findings aside.
fn first_error(parse: &Parse<'_>, graph: &StageGraph, scope: Scope<'_>) -> Option<SyntaxError> {
    let of_text = parse.first_error().cloned();
    of_text.or_else(|| match scope {
        Scope::Target(Ok(cut)) => cut.errors.first().filter(|_| !cut.converts).cloned(),
        Scope::Target(Err(error)) => {
            let before = graph.errors.get(..graph.n_errors_before_target)?;
            before.first().cloned().or_else(|| Some(queries::missing_target(error)))
        }
        Scope::AllStages => graph.errors.first().cloned().or_else(|| {
            let triggers = Triggers::of(graph, scope);
            let is_met = |when: When, stage: StageId, error: &SyntaxError| match when {
                When::Sources => true,
                When::Triggers => triggers.run_in(stage),
                When::Instructions => !is_of_trigger(graph, stage, error) || triggers.run_in(stage),
                When::End => false,
            };
            let met = graph.stage_errors.iter().filter(|it| is_met(it.when, it.stage, &it.error));
            met.min_by_key(|it| it.when).map(|it| it.error.clone())
        }),
    })
}

/// Whether an error belongs to a trigger, which is at the FROM.
fn is_of_trigger(graph: &StageGraph, stage: StageId, error: &SyntaxError) -> bool {
    let from = graph.stages.get(stage.0).and_then(|stage| stage.steps.first());
    from.is_some_and(|from| error.line() == Some(from.lines.first))
}

/// The stages in which ONBUILD triggers run: those that the target needs, even when all stages are checked.
enum Triggers {
    /// There are none anywhere.
    Nowhere,
    /// In each stage that is looked at.
    Everywhere,
    /// In those that the last stage needs.
    Where(Box<Cut>),
}

impl Triggers {
    fn of(graph: &StageGraph, scope: Scope<'_>) -> Triggers {
        match scope {
            Scope::Target(_) => Triggers::Everywhere,
            Scope::AllStages if graph.stages.iter().all(|stage| stage.triggers.is_empty()) => {
                Triggers::Nowhere
            }
            Scope::AllStages => match queries::cut(graph, &Target::Default) {
                Ok(cut) => Triggers::Where(Box::new(cut)),
                Err(_) => Triggers::Nowhere,
            },
        }
    }

    fn run_in(&self, stage: StageId) -> bool {
        match self {
            Triggers::Nowhere => false,
            Triggers::Everywhere => true,
            Triggers::Where(cut) => cut.needs(stage),
        }
    }
}
