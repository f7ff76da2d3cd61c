//! A stage is called `scratch` or `context`, which mean something else.

use super::Rule;
use super::linter::Linter;
use crate::stages::{StageGraph, quote};
use crate::syntax::Parse;

pub(super) static RULE: Rule = Rule {
    name: "ReservedStageName",
    description: "Reserved words should not be used as stage names",
    file_only: true,
    page: include_str!("reserved_stage_name.md"),
    ..Rule::BUILDKIT
};

pub(super) fn check(parse: &Parse<'_>, graph: &StageGraph, acc: &mut Linter) {
    for stage in &graph.stages {
        if let (Some(name @ ("context" | "scratch")), Some(range)) = (stage.name.as_deref(), stage.name_range)
        {
            acc.enter(&parse.instructions[stage.steps[0].instruction], Some(stage.id));
            let name = quote(name);
            let message = format!("Stage name should not use the same name as reserved stage {name}");
            acc.add(&RULE, range, message);
        }
    }
}
