//! A program alone in an empty image: without certificates it can trust nobody over TLS.
//!
//! Whether it ever wants to is not in the Dockerfile, so this is no more than good to know.

use super::copies::copies;
use super::no_shell::may_be_system;
use super::systems::{base, card};
use crate::checks::{File, Finding, Findings, Level, Rule};
use crate::edit::{Fix, TextEdit};
use crate::stages::{Effect, FileCopy, Source, Stage};

/// Where most programs look first.
const BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";

pub(super) static RULE: Rule = Rule {
    name: "NoCertificates",
    description: "An image without certificates of authorities cannot check those of others",
    level: Level::Info,
    page: include_str!("no_certificates.md"),
    find: Some(find),
    mend: Some(mend),
    ..Rule::OURS
};

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    let Some(target) = file.target() else { return };
    if !matches!(base(file.graph, target.id), Some(Source::Scratch)) {
        return;
    }
    let shipped = file.shipped();
    let effects = || shipped.iter().flat_map(|stage| file.effects(stage)).map(|(_, effect)| effect);
    let may_bring = |it: &FileCopy| {
        let to = it.destination.trim_end_matches('/');
        let says =
            |path: &str| ["cert", "ssl", "pki", ".pem", ".crt", "/nix"].iter().any(|it| path.contains(it));
        says(&it.source) || says(to) || to == "/etc" || to.is_empty() && may_be_system(&it.source)
    };
    let brings = effects().any(|effect| {
        matches!(effect, Effect::Run(_))
            || matches!(effect, Effect::Copy(copied) if copied.files.iter().any(may_bring))
            || effect.variables().any(|(name, _)| name.starts_with("SSL_CERT"))
    });
    if !file.has_program() || brings || shipped.iter().all(|stage| copies(file, stage).next().is_none()) {
        return;
    }
    let Some(stage) = shipped.first() else { return };
    let message = "The image has no certificates: if the program speaks TLS to others, that likely fails";
    acc.add(&RULE, (stage.id, 0), stage.base_range, message)
        .help(format!("Copy {BUNDLE} from a stage that has it"));
}

fn mend(file: &File<'_>, _finding: &Finding) -> Vec<Fix> {
    let Some(fix) = file.target().and_then(|target| bring(file, target)) else { return Vec::new() };
    vec![fix]
}

/// Copies them from where the last program is from.
fn bring<'f>(file: &File<'f>, target: &'f Stage) -> Option<Fix> {
    let copying = copies(file, target).last()?;
    let has = card(file, copying.from.id)?.certificates == Some(true);
    let instruction = file.instruction(target.id, copying.step).filter(|_| has)?;
    let from = instruction.flag("from")?.range.of(file.text);
    let edit =
        TextEdit::insert(instruction.range.start, format!("COPY --from={from} {BUNDLE} /etc/ssl/certs/\n"));
    Some(Fix::asking("Copy the certificates", "The image gets one file more", vec![edit]))
}
