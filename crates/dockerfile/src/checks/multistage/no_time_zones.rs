//! A time zone that is set in an image without the data of time zones: the clock stays at UTC, and nobody says why.
//!
//! Surprising: Java, Node.js and others bring the data along, so only what is put on an empty image or on plain Alpine
//! is looked at, and the rest of the file has to be silent about it.

use super::copies::copied;
use super::no_shell::may_be_system;
use super::runs::runs;
use super::systems::{base, card};
use crate::checks::{File, Findings, Level, Rule};
use crate::stages::{Effect, FileCopy, Source};

pub(super) static RULE: Rule = Rule {
    name: "NoTimeZones",
    description: "A time zone is set in an image without the data of time zones",
    level: Level::Info,
    page: include_str!("no_time_zones.md"),
    find: Some(find),
    ..Rule::OURS
};

/// What brings the data, or does without.
const BRINGS: &[&str] = &["tzdata", "zoneinfo", "java", "jdk", "jre", "node", "python", "php"];

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    let shipped = file.shipped();
    let effects = || shipped.iter().flat_map(|stage| file.effects(stage).map(|it| (stage.id, it)));
    let zone = effects().filter_map(|(stage, (step, effect))| {
        let Effect::Env(_) = effect else { return None };
        let (_, value) = effect.variables().rfind(|(name, _)| *name == "TZ")?;
        Some((stage, step, value.unwrap_or_default()))
    });
    let Some((stage, step, value)) = zone.last() else { return };
    // `Europe/Oslo` is looked up; `UTC` and `EST5EDT` say all themselves.
    let Some((area, _)) = value.split_once('/').filter(|(area, _)| !area.is_empty() && *area != "Etc") else {
        return;
    };
    if area.contains(['$', ':', '.']) {
        return;
    }
    let Some(target) = file.target() else { return };
    let is_empty = matches!(base(file.graph, target.id), Some(Source::Scratch));
    let is_alpine = || card(file, target.id).is_some_and(|card| card.matched.starts_with("alpine:"));
    if !is_empty && !is_alpine()
        || effects().any(|(_, (_, effect))| effect.variables().any(|(name, _)| name == "ZONEINFO"))
    {
        return;
    }
    let may_bring = |it: &FileCopy| {
        let says = |path: &str| BRINGS.iter().any(|it| path.contains(it));
        says(&it.source) || says(&it.destination) || may_be_system(&it.source)
    };
    let is_brought = shipped.iter().any(|stage| {
        runs(file, stage).any(|run| run.mentions(BRINGS))
            || copied(file, stage).any(|(_, copied)| copied.files.iter().any(may_bring))
    });
    if is_brought {
        return;
    }
    let help = match is_empty {
        true => "Copy /usr/share/zoneinfo from a stage that has it, unless the program brings the data along",
        false => "Install tzdata, unless the program brings the data along",
    };
    let message = format!("'{value}' likely has no effect: the image has no data of time zones");
    acc.add(&RULE, (stage, step), file.find(stage, step, value), message).help(help);
}
