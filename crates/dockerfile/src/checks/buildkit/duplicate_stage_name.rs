//! Two stages have one name. The later one is meant wherever both could be.

use std::collections::HashSet;

use super::Rule;
use super::linter::Linter;
use crate::stages::{StageGraph, quote};
use crate::syntax::Parse;

pub(super) static RULE: Rule = Rule {
    name: "DuplicateStageName",
    description: "Stage names should be unique",
    file_only: true,
    page: include_str!("duplicate_stage_name.md"),
    ..Rule::BUILDKIT
};

pub(super) fn check(parse: &Parse<'_>, graph: &StageGraph, acc: &mut Linter) {
    let mut names = HashSet::new();
    for stage in &graph.stages {
        let (Some(name), Some(range)) = (stage.name.as_deref(), stage.name_range) else { continue };
        if !names.insert(name) {
            acc.enter(&parse.instructions[stage.steps[0].instruction], Some(stage.id));
            let name = quote(name);
            acc.add(&RULE, range, format!("Duplicate stage name {name}, stage names should be unique"));
        }
    }
}
