//! `node_modules` with all that development needs, in the image that ships.
//!
//! Whether the project has such dependencies is written in its `package.json`, so this is no more than likely.

use super::copies::{Copying, copies};
use super::modules::{Installed, Modules, may_take};
use super::runs::{name, runs, variables};
use super::systems::lineage;
use crate::checks::{File, Findings, Level, Rule};

pub(super) static RULE: Rule = Rule {
    name: "DevDependenciesShipped",
    description: "Modules that only development needs are in the image that ships",
    level: Level::Info,
    page: include_str!("dev_dependencies_shipped.md"),
    find: Some(find),
    ..Rule::OURS
};

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    for &stage in file.shipped() {
        let mut last: Option<Installed<'_>> = None;
        for copying in copies(file, stage).filter(may_take) {
            // Most copies in a row are from the same stage.
            let installed = match last.take().filter(|it| it.from == copying.from.id) {
                Some(installed) => installed,
                None => Installed::of_node(file, copying.from.id),
            };
            if let Some((modules, source)) = installed.taken(&copying)
                && installs_all(file, modules)
                && !is_pruned(file, &copying)
            {
                let program = modules.command.words.first().map_or("", |it| name(it));
                let at = file.find(modules.run.stage.id, modules.run.step, program);
                let message = "node_modules likely brings what only development needs";
                acc.add(&RULE, copying.row(), copying.source_range(file, source), message)
                    .help(
                        "Install without development dependencies in a stage of its own, and copy from that",
                    )
                    .label(at, "this installs everything");
            }
            last = Some(installed);
        }
    }
}

/// Whether a command installs what development needs too.
fn installs_all(file: &File<'_>, modules: &Modules<'_>) -> bool {
    let words = &modules.command.words;
    let verb = words.iter().skip(1).find(|word| !word.starts_with('-')).map_or("install", String::as_str);
    let is_less = words.iter().any(|word| {
        word.contains("prod")
            || word.starts_with("--omit")
            || word == "-P"
            || word.starts_with("--only")
            || word == "--no-dev"
    });
    let is_production = || {
        let env = variables(file, modules.run.row());
        let is = |name: &str| env.get(name).is_some_and(|it| it.starts_with("prod"));
        is("NODE_ENV")
            || is("NPM_CONFIG_ONLY")
            || env.contains_key("NPM_CONFIG_OMIT")
            || env.contains_key("NPM_CONFIG_PRODUCTION")
            || modules.run.texts().any(|text| text.contains("NODE_ENV=prod"))
    };
    matches!(verb, "ci" | "install" | "i" | "clean-install") && !is_less && !is_production()
}

/// Whether any RUN, before or behind the COPY, takes them out again or makes them anew.
fn is_pruned(file: &File<'_>, copying: &Copying<'_>) -> bool {
    let from = lineage(file.graph, copying.from.id);
    let mut stages = from.chain(lineage(file.graph, copying.stage.id));
    stages.any(|stage| {
        runs(file, stage).any(|run| {
            run.words().any(|word| {
                matches!(word, "prune" | "deploy" | "dedupe" | "focus" | "modclean" | "node-prune")
                    || word.contains("node_modules")
                    || word.starts_with("--omit")
                    || word.starts_with("--prod")
            })
        })
    })
}
