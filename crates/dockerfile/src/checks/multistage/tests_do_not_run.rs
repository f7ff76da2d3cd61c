//! A stage that tests, but that a build without `--target` leaves out.
//!
//! The legacy builder ran every stage of a file, and much of what is written about tests in a stage still says so.
//! Surprising: a file with several stages to choose from is made for `--target`, and nobody expects its tests to run by
//! themselves; nor those of a stage that another one takes reports from, to be asked for instead. A build that runs
//! them on their own is as good as one that cannot do without them, so this is no more than good to know.

use super::test_commands;
use crate::checks::{File, Findings, Level, Rule};
use crate::queries::{Reason, Skip};
use crate::stages::Stage;

pub(super) static RULE: Rule = Rule {
    name: "TestsDoNotRun",
    description: "A stage with tests is left out of a build without --target",
    level: Level::Info,
    page: include_str!("tests_do_not_run.md"),
    find: Some(find),
    ..Rule::OURS
};

/// How long a command may be to be told as a whole.
const MAX_TOLD: usize = 40;

/// So many stages to choose from, tests and others, make a file with many targets.
const MANY_TARGETS: usize = 2;

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    if !is_asked(file) {
        return;
    }
    for (stage, skip) in left_out(file) {
        let Some(test) = test_commands::first(file, stage) else { continue };
        if !skip.referrers.is_empty() {
            continue;
        }
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

/// Whether tests that do not run are worth a word: not if another target than the default one is built, which somebody
/// has chosen, nor in a file with many targets.
pub(super) fn is_asked(file: &File<'_>) -> bool {
    let is_default = file.cut.map(|cut| cut.target.0 + 1) == Some(file.graph.stages.len());
    let ends = left_out(file).filter(|(stage, skip)| skip.needed_by.first() == Some(&stage.id));
    is_default && ends.take(MANY_TARGETS).count() < MANY_TARGETS
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
