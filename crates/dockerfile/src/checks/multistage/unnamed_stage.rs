//! A stage without a name that is not the last: no `--target` can ask for it.

use crate::checks::{File, Finding, Findings, Level, Rule};
use crate::edit::Fix;
use crate::refactor;

pub(super) static RULE: Rule = Rule {
    name: "UnnamedStage",
    description: "A stage without a name cannot be built on its own",
    level: Level::Info,
    page: include_str!("unnamed_stage.md"),
    find: Some(find),
    mend: Some(mend),
    ..Rule::OURS
};

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    let Some((_, earlier)) = file.graph.stages.split_last() else { return };
    for stage in earlier.iter().filter(|stage| stage.name.is_none()) {
        let message = format!("Stage {} has no name, so no --target can ask for it", stage.id.0);
        acc.add(&RULE, (stage.id, 0), stage.base_range, message).help("Give it one, with AS");
    }
}

fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let Some(stage) = finding.stage else { return Vec::new() };
    let name = refactor::free_name(file.graph, stage);
    let Some(edits) = refactor::name_stage(file.text, file.parse, file.graph, stage, &name) else {
        return Vec::new();
    };
    vec![Fix::safe(format!("Name the stage '{name}'"), edits)]
}
