//! Two stages have one name. The later one is meant wherever both could be.

use std::collections::HashSet;

use super::Rule;
use super::linter::Linter;
use crate::checks::{File, Finding};
use crate::edit::{Fix, TextEdit};
use crate::refactor;
use crate::stages::{Stage, StageGraph, quote};
use crate::syntax::Parse;

pub(super) static RULE: Rule = Rule {
    name: "DuplicateStageName",
    description: "Stage names should be unique",
    file_only: true,
    page: include_str!("duplicate_stage_name.md"),
    mend: Some(mend),
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

/// Another name for the earlier of the two, which nobody can ask for, or for the later.
fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let Some((later, 0)) = file.row_at(finding.range.start) else { return Vec::new() };
    let earlier = file.graph.stages[..later.id.0].iter().rfind(|stage| stage.name == later.name);
    let is_last = !file.graph.stages[later.id.0 + 1..].iter().any(|stage| stage.name == later.name);
    let of_earlier = earlier.and_then(|stage| {
        let (name, edits) = refactor::rename_apart(file, stage.id, stage.name.as_deref()?).ok()?;
        let because = format!("{}; --target means the same as before", moved(&name, &edits));
        Some(Fix::asking(format!("Rename the stage above to '{name}'"), because, edits))
    });
    let of_later = Some(later).filter(|_| is_last).and_then(|stage: &Stage| {
        let (name, edits) = refactor::rename_apart(file, stage.id, stage.name.as_deref()?).ok()?;
        let because = format!("{}; --target then means the stage above", moved(&name, &edits));
        Some(Fix::asking(format!("Rename this stage to '{name}'"), because, edits))
    });
    of_earlier.into_iter().chain(of_later).collect()
}

/// What comes along with the name.
fn moved(name: &str, edits: &[TextEdit]) -> String {
    match edits.len() - 1 {
        0 => "No reference in the file means it".to_owned(),
        1 => format!("One reference that means it becomes '{name}'"),
        n => format!("{n} references that mean it become '{name}'"),
    }
}
