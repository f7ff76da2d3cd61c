//! With the defaults of the global ARGs alone, a base is no valid image reference. Surprising: a base without any
//! variable counts too, and so does the name of a stage that is no valid reference; and where a default cannot be
//! expanded the rule gives up for the rest of the file.

use super::Rule;
use super::linter::Linter;
use crate::stages::args::GlobalScope;
use crate::stages::{StageGraph, image_ref};
use crate::syntax::Parse;

pub(super) static RULE: Rule = Rule {
    name: "InvalidDefaultArgInFrom",
    description: "Default value for global ARG results in an empty or invalid base image name",
    file_only: true,
    page: include_str!("invalid_default_arg_in_from.md"),
    ..Rule::BUILDKIT
};

/// `defaults` is what the global ARGs come to without build arguments.
pub(super) fn check(parse: &Parse<'_>, graph: &StageGraph, defaults: &GlobalScope, acc: &mut Linter) {
    for stage in &graph.stages {
        let from = &parse.instructions[stage.steps[0].instruction];
        let Some(base) = from.args.first() else { continue };
        let Ok(expansion) = defaults.expand(&base.text, parse.escape) else { return };
        if image_ref::parse(&expansion.text).is_err() {
            acc.enter(from, Some(stage.id));
            let message =
                format!("Default value for ARG {} results in empty or invalid base image name", base.text);
            acc.add(&RULE, base.range, message);
        }
    }
}
