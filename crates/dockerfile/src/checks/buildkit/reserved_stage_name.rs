//! A stage is called `scratch` or `context`, which mean something else.

use super::Rule;
use super::linter::Linter;
use crate::checks::{File, Finding};
use crate::edit::Fix;
use crate::refactor;
use crate::stages::{StageGraph, quote};
use crate::syntax::Parse;

pub(super) static RULE: Rule = Rule {
    name: "ReservedStageName",
    description: "Reserved words should not be used as stage names",
    file_only: true,
    page: include_str!("reserved_stage_name.md"),
    mend: Some(mend),
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

fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let Some((stage, 0)) = file.row_at(finding.range.start) else { return Vec::new() };
    let Some(old) = &stage.name else { return Vec::new() };
    let Ok((name, edits)) = refactor::rename_apart(file, stage.id, &format!("{old}-stage")) else {
        return Vec::new();
    };
    let because = match stage.name.as_deref() {
        Some("scratch") => "Mounts that name no stage no longer refer to this one, and neither does --target",
        _ => "Whoever asks for the target by its name has to use the new one",
    };
    vec![Fix::asking(format!("Rename the stage to '{name}'"), because, edits)]
}
