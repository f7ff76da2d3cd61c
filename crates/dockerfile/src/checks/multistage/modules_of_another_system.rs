//! `node_modules` or a virtual environment of a stage with one C library, copied to one with another.
//!
//! Surprising: most modules are plain text and run anywhere, so it may go well until somebody adds one that is not.
//! And a virtual environment has its own path in every script.

use super::copies::{Copying, copies, trimmed};
use super::modules::{Installed, Modules, may_take};
use super::runs::{name, runs};
use super::systems::{Libc, card};
use crate::checks::{File, Findings, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "ModulesOfAnotherSystem",
    description: "Modules are installed for another system than the one they are copied to",
    level: Level::Warning,
    page: include_str!("modules_of_another_system.md"),
    find: Some(find),
    ..Rule::OURS
};

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    for stage in file.needed() {
        let mut last: Option<(Installed<'_>, Installed<'_>)> = None;
        for copying in copies(file, stage).filter(may_take) {
            let from = copying.from.id;
            // Most copies in a row are from the same stage.
            let (node, venv) = match last.take().filter(|(node, _)| node.from == from) {
                Some(both) => both,
                None => (Installed::of_node(file, from), Installed::of_venv(file, from)),
            };
            if let Some((modules, source)) = node.taken(&copying)
                && !is_installed_again(file, &copying)
            {
                differ(file, &copying, modules, source, "node_modules", acc);
            } else if let Some((modules, source)) = venv.taken(&copying) {
                differ(file, &copying, modules, source, "the virtual environment", acc);
                moved(file, &copying, modules, source, acc);
            }
            last = Some((node, venv));
        }
    }
}

/// Whether the stage that gets the modules installs or compiles them itself.
fn is_installed_again<'f>(file: &File<'f>, copying: &Copying<'f>) -> bool {
    let mut later = runs(file, copying.stage).filter(|run| run.step > copying.step);
    later.any(|run| run.words().any(|word| matches!(name(word), "npm" | "yarn" | "pnpm" | "node-gyp")))
}

fn differ(
    file: &File<'_>,
    copying: &Copying<'_>,
    modules: &Modules<'_>,
    source: &str,
    what: &str,
    acc: &mut Findings<'_>,
) {
    let (Some(from), Some(to)) = (card(file, copying.from.id), card(file, copying.stage.id)) else {
        return;
    };
    let (Some(needs), Some(has)) = (Libc::of(from), Libc::of(to)) else { return };
    if needs == has || has == Libc::Nothing {
        return;
    }
    let message = format!(
        "Compiled modules in {what} are for {}, and {} has {}: they likely do not load",
        needs.name(),
        to.reference,
        has.name()
    );
    let program = modules.command.words.first().map_or("", |it| it.as_str());
    let installed = file.find(modules.run.stage.id, modules.run.step, program);
    acc.add(&RULE, copying.row(), copying.source_range(file, source), message)
        .help("Install them on the same system as they run on: give both stages bases of one family")
        .label(installed, "this installs them");
}

/// A virtual environment has to stay where it was made.
fn moved(
    file: &File<'_>,
    copying: &Copying<'_>,
    modules: &Modules<'_>,
    source: &str,
    acc: &mut Findings<'_>,
) {
    let mut files = copying.copied.files.iter();
    let Some(it) = files.find(|it| it.source == source) else { return };
    let (from, to) = (trimmed(&it.source), trimmed(&it.destination));
    if from == to || from.contains('*') || to.contains('*') {
        return;
    }
    let below = modules.path.strip_prefix(from).unwrap_or_default();
    let message = format!(
        "The virtual environment was made at {}, and its scripts likely look for it there, not at {}",
        modules.path,
        format_args!("{}{below}", if to == "/" { "" } else { to })
    );
    acc.add(&RULE, copying.row(), copying.source_range(file, source), message)
        .help("Make it at the path where it is used");
}
