//! A stage that tests, but that a build without `--target` leaves out.
//!
//! The legacy builder ran every stage of a file, and much of what is written about tests in a stage still says so.

use super::test_commands::{self, TestCommand};
use crate::checks::{File, Findings, Level, Rule};
use crate::queries::{Reason, Skip};
use crate::stages::{Stage, StageId};

pub(super) static RULE: Rule = Rule {
    name: "TestsDoNotRun",
    description: "A stage with tests is left out of a build without --target",
    level: Level::Warning,
    page: include_str!("tests_do_not_run.md"),
    find: Some(find),
    ..Rule::OURS
};

/// How long a command may be to be told as a whole.
const MAX_TOLD: usize = 40;

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    for (stage, skip) in left_out(file) {
        let Some(test) = of_stage(file, stage) else { continue };
        let name = stage.display_name();
        let command = told(&test.words);
        let message =
            format!("A build without --target leaves out stage '{name}', so '{command}' does not run");
        let is_own = skip.needed_by.first() == Some(&stage.id);
        let finding = acc.add(&RULE, (stage.id, 0), stage.name_range.unwrap_or(stage.base_range), message);
        finding.help(match is_own {
            true => format!("Build it too, with --target {name}, or let the result copy something from it"),
            false => "Give it a name of its own to build it with --target, or let the result copy from it"
                .to_owned(),
        });
        if let Some(row) = file.instruction(stage.id, test.step) {
            finding.label(row.keyword.range, "this does not run");
        }
    }
}

/// The stages that a build of the target leaves out, and why; those behind it not, which nobody expects to run.
pub(super) fn left_out<'f>(file: &'f File<'_>) -> impl Iterator<Item = (&'f Stage, &'f Skip)> {
    let cut = file.cut;
    let n_above = cut.map_or(0, |cut| cut.target.0);
    let above = file.graph.stages.iter().take(n_above);
    above.filter_map(move |stage| match &cut?.stages.get(stage.id.0)?.reason {
        Reason::NotNeeded(skip) => Some((stage, skip)),
        Reason::Target | Reason::Needed(_) => None,
    })
}

/// What a stage tests; `None` if another target than the default one is built, which somebody has chosen.
pub(super) fn of_stage<'f>(file: &'f File<'_>, stage: &'f Stage) -> Option<TestCommand<'f>> {
    let is_default = file.cut?.target == StageId(file.graph.stages.len().checked_sub(1)?);
    if is_default { test_commands::first(file, stage) } else { None }
}

/// The first words of a command.
fn told(words: &[&str]) -> String {
    let mut told = String::new();
    for word in words {
        if told.len() + word.len() > MAX_TOLD && !told.is_empty() {
            return told + " …";
        }
        if !told.is_empty() {
            told.push(' ');
        }
        told.push_str(word);
    }
    told
}
