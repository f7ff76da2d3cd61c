//! A stage that the target does not need: BuildKit leaves it out.
//!
//! Stages behind the target are left out as well, but that is what a target is for. And `FROM base-$TARGETARCH` chooses
//! one of several stages: the others are for other builds, and nobody has forgotten them.

use super::{test_commands, tests_do_not_run};
use crate::checks::{File, Findings, Level, Rule};
use crate::stages::{Node, StageId, Start};

pub(super) static RULE: Rule = Rule {
    name: "StageNotNeeded",
    description: "A build of the target leaves out a stage above it",
    level: Level::Info,
    page: include_str!("stage_not_needed.md"),
    find: Some(find),
    ..Rule::OURS
};

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    let Some(cut) = file.cut else { return };
    let is_default = cut.target == StageId(file.graph.stages.len() - 1);
    let mut chosen: Option<Vec<bool>> = None;
    let mut tests_told: Option<bool> = None;
    for (stage, _) in tests_do_not_run::left_out(file) {
        if chosen.get_or_insert_with(|| chosen_by_variables(file))[stage.id.0] {
            continue;
        }
        let are_tests_told = *tests_told.get_or_insert_with(|| tests_do_not_run::is_asked(file));
        if are_tests_told && test_commands::first(file, stage).is_some() {
            continue;
        }
        let name = stage.display_name();
        let message = match is_default {
            true => format!("A build without --target leaves out stage '{name}'"),
            false => {
                format!(
                    "A build of '{}' leaves out stage '{name}'",
                    file.graph.stages[cut.target.0].display_name()
                )
            }
        };
        acc.add(&RULE, (stage.id, 0), stage.name_range.unwrap_or(stage.base_range), message)
            .help(cut.stages[stage.id.0].sentence.clone());
    }
}

/// How many FROM lines with variables are looked at.
const MAX_CHOICES: usize = 64;

/// The stages that a needed one would start from if a variable had another value, and what those need.
fn chosen_by_variables(file: &File<'_>) -> Vec<bool> {
    let stages = &file.graph.stages;
    let mut chosen = vec![false; stages.len()];
    let mut open: Vec<StageId> = file.needed().map(|stage| stage.id).collect();
    let mut seen: Vec<&str> = Vec::new();
    while let Some(id) = open.pop() {
        let stage = &stages[id.0];
        let base = stage.base_text.as_str();
        let is_choice = base.contains('$') && matches!(stage.start, Start::Stage(_));
        if is_choice && seen.len() < MAX_CHOICES && !seen.contains(&base) {
            seen.push(base);
            let fixed = base.find('$').unwrap_or(base.len());
            let end = base.rfind('}').map_or(base.len(), |at| at + 1).max(fixed);
            for other in &stages[..id.0] {
                let fits = |name: &str| name.starts_with(&base[..fixed]) && name.ends_with(&base[end..]);
                if other.name.as_deref().is_some_and(fits) && !chosen[other.id.0] {
                    chosen[other.id.0] = true;
                    open.push(other.id);
                }
            }
        }
        if chosen[id.0] {
            for edge in file.graph.edges_into(id) {
                if let Node::Stage(from) = edge.from
                    && !std::mem::replace(&mut chosen[from.0], true)
                {
                    open.push(from);
                }
            }
        }
    }
    chosen
}
