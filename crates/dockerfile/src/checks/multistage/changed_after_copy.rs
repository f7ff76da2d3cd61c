//! `chown -R` or `chmod -R` of what COPY has put there, in a RUN: the layer of the RUN holds all files a second time.

use super::runs::{Run, runs};
use crate::checks::{File, Finding, Findings, Level, Rule};
use crate::edit::{Fix, TextEdit};
use crate::queries::ledger::{Deed, ShellCommand};
use crate::refactor::lines;
use crate::stages::{Effect, StageId};

pub(super) static RULE: Rule = Rule {
    name: "ChangedAfterCopy",
    description: "Changing the owner or the mode of copied files in a RUN stores them twice",
    level: Level::Info,
    page: include_str!("changed_after_copy.md"),
    find: Some(find),
    mend: Some(mend),
    ..Rule::OURS
};

/// So many places are looked for in the words of a RUN.
const MAX_PLACES: usize = 50;
/// So many copies are looked at for each command, the last ones.
const MAX_COPIES: usize = 100;

/// What changes owners and modes.
const PROGRAMS: &[&str] = &["chown", "chmod"];

/// A COPY or ADD in the image.
struct Copied<'f> {
    stage: StageId,
    step: usize,
    destination: &'f str,
}

/// A command that changes everything below some paths.
struct Change<'c> {
    flag: &'static str,
    paths: Vec<&'c str>,
}

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    if !may_change(file) {
        return;
    }
    let mut copies: Vec<Copied<'_>> = Vec::new();
    for &stage in file.shipped() {
        for (step, effect) in file.effects(stage) {
            if let Effect::Copy(copied) = effect {
                let destinations = copied.files.iter().map(|file| clean(&file.destination));
                copies.extend(destinations.map(|destination| Copied { stage: stage.id, step, destination }));
            }
            let Effect::Run(ran) = effect else { continue };
            let run = Run { stage, step, ran };
            if copies.is_empty() || !run.mentions(PROGRAMS) {
                continue;
            }
            for command in &run.commands(file) {
                let Some(change) = Change::of(command) else { continue };
                let is_changed = |copied: &&Copied<'_>| change.covers(copied.destination);
                let mut below: Vec<_> = copies.iter().rev().take(MAX_COPIES).filter(is_changed).collect();
                let place =
                    change.paths.iter().find(|path| below.iter().any(|it| is_below(path, it.destination)));
                let Some(place) = place else { continue };
                let program = command.words.first().map_or("", String::as_str);
                let message = format!("'{program} -R' stores what is copied to '{place}' a second time");
                let help = format!("Give COPY the flag --{} instead, which costs nothing", change.flag);
                let range = file.find(stage.id, step, program);
                let finding = acc.add(&RULE, (stage.id, step), range, message).help(help);
                below.dedup_by_key(|copied| (copied.stage, copied.step));
                for copied in below.iter().take(3).rev() {
                    if let Some(instruction) = file.instruction(copied.stage, copied.step) {
                        finding.label(instruction.keyword.range, "copied here");
                    }
                }
            }
        }
    }
}

/// Whether a RUN that changes whole directories has to do with where something was copied before, judged by its words.
fn may_change(file: &File<'_>) -> bool {
    if !PROGRAMS.iter().any(|word| file.text.contains(word)) {
        return false;
    }
    let mut places: Vec<&str> = Vec::new();
    for &stage in file.shipped() {
        for (step, effect) in file.effects(stage) {
            if let Effect::Copy(copied) = effect {
                let firsts = copied.files.iter().filter_map(|it| it.destination.split('/').nth(1));
                for first in firsts {
                    if places.len() < MAX_PLACES && !places.contains(&first) {
                        places.push(first);
                    }
                }
            } else if matches!(effect, Effect::Run(_)) && !places.is_empty() {
                let code = file.instruction(stage.id, step).map_or("", |it| it.range.of(file.text));
                let is_tree = code.contains(" -R") || code.contains("--recursive");
                let is_change = is_tree && (code.contains("chown") || code.contains("chmod"));
                let is_relative = || code.contains(" .") || code.contains('$');
                if is_change && (is_relative() || places.iter().any(|place| code.contains(place))) {
                    return true;
                }
            }
        }
    }
    false
}

impl<'c> Change<'c> {
    fn of(command: &'c ShellCommand) -> Option<Change<'c>> {
        let flag = match command.words.first()?.rsplit('/').next()? {
            "chown" => "chown",
            "chmod" => "chmod",
            _ => return None,
        };
        let tree = |deed: &'c Deed| {
            let Deed::Changes { path, is_tree: true } = deed else { return None };
            Some(path.as_str())
        };
        let paths: Vec<&str> = command.deeds.iter().filter_map(tree).collect();
        Some(Change { flag, paths }).filter(|change| !change.paths.is_empty())
    }

    /// Whether all that is copied to a place is changed.
    fn covers(&self, destination: &str) -> bool {
        self.paths.iter().any(|path| is_below(path, destination))
    }
}

/// Whether a place is a path or below it; nobody changes all of the file system.
fn is_below(path: &str, place: &str) -> bool {
    let rest = place.strip_prefix(path.trim_end_matches('/'));
    path != "/" && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A destination without the end that only says that it is a directory.
fn clean(destination: &str) -> &str {
    destination.trim_end_matches('.').trim_end_matches('/')
}

/// Only where the RUN does nothing else, and all copies that it changes stand in its own stage.
fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    fix(file, finding).into_iter().collect()
}

fn fix(file: &File<'_>, finding: &Finding) -> Option<Fix> {
    let (id, step) = finding.stage.zip(finding.step)?;
    let run = file.instruction(id, step)?;
    let code = run.args.first()?;
    let stage = file.graph.stages.get(id.0)?;
    let commands = runs(file, stage).find(|run| run.step == step)?.commands(file);
    let [command] = &commands[..] else { return None };
    let change = Change::of(command)?;
    let [_, option, value, _] = &command.words[..] else { return None };
    let is_plain = !run.json
        && run.flags.is_empty()
        && run.heredocs.is_empty()
        && matches!(option.as_str(), "-R" | "--recursive")
        && !code.text.contains(['$', '*', '>', '<', '|', '&', ';', '\'', '"'])
        && (change.flag == "chown"
            || matches!(value.len(), 3 | 4) && value.bytes().all(|it| matches!(it, b'0'..=b'7')));
    if !is_plain {
        return None;
    }
    let mut edits = vec![lines::remove(file.text, file.parse, run)];
    for &stage in file.shipped() {
        for (at, effect) in file.effects(stage).filter(|(at, _)| stage.id < id || *at < step) {
            let Effect::Copy(copied) = effect else { continue };
            let n_covered = copied.files.iter().filter(|it| change.covers(clean(&it.destination))).count();
            if n_covered == 0 {
                continue;
            }
            let copy = file.instruction(stage.id, at)?;
            if stage.id != id || copy.flag(change.flag).is_some() {
                return None;
            }
            edits.push(TextEdit::insert(copy.keyword.range.end, format!(" --{}={value}", change.flag)));
        }
        if stage.id == id {
            break;
        }
    }
    let title = format!("Copy with --{}={value}", change.flag);
    let because = match change.flag {
        "chown" => {
            "What was there before keeps its owner, and a name has to be known to the image where the COPY stands."
        }
        _ => "What was there before keeps its mode.",
    };
    (edits.len() > 1).then(|| Fix::asking(title, because, edits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_covered_by_what_is_above_it() {
        let change = Change { flag: "chown", paths: vec!["/app", "/"] };
        assert!(change.covers("/app") && change.covers("/app/a") && !change.covers("/apple"));
        assert_eq!([clean("/app/"), clean("/app/."), clean("/app")], ["/app"; 3]);
    }
}
