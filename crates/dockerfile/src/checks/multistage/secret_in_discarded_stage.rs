//! A secret in an ARG or ENV of a stage that does not ship. BuildKit's SecretsUsedInArgOrEnv warns of it as of any
//! other; this says what is different about it, and offers a mount instead.

use crate::checks::buildkit::sounds_secret;
use crate::checks::{File, Finding, Findings, Level, Rule};
use crate::edit::Fix;
use crate::refactor;

pub(super) static RULE: Rule = Rule {
    name: "SecretInDiscardedStage",
    description: "A secret in a stage that does not ship is not in the image, but in what the build leaves",
    level: Level::Info,
    page: include_str!("secret_in_discarded_stage.md"),
    find: Some(find),
    mend: Some(mend),
    ..Rule::OURS
};

/// So many names of one line are told.
const MAX_NAMES: usize = 20;

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    for stage in file.needed().filter(|stage| !file.ships(stage.id)) {
        for (step, effect) in file.effects(stage) {
            let names = effect.variables().map(|(name, _)| name);
            for name in names.filter(|name| sounds_secret(name)).take(MAX_NAMES) {
                let range = file.find(stage.id, step, name);
                let message =
                    format!("'{name}' is not in the image, but in the build's cache and provenance");
                acc.add(&RULE, (stage.id, step), range, message)
                    .help("Mount it as a secret in the RUN that needs it; then it is nowhere");
            }
        }
    }
}

fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let at = finding.stage.zip(finding.step);
    at.and_then(|at| refactor::mount_secret(file, at, finding.range.of(file.text))).into_iter().collect()
}
