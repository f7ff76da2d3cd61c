//! `rm` in another layer than the one that holds the file: the image stays as large as it was.
//!
//! Cheap looks at the text come first, and the ledger is asked only where they find something.

use std::collections::HashSet;

use crate::checks::{File, Finding, Findings, Level, Rule};
use crate::edit::{Fix, TextEdit};
use crate::queries::ledger::{At, Certainty, How};
use crate::stages::{Effect, StageId};
use crate::syntax::{Instruction, InstructionKind};
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "RemovedInLaterLayer",
    description: "What is removed in a later layer still takes its space in the earlier one",
    level: Level::Info,
    page: include_str!("removed_in_later_layer.md"),
    find: Some(find),
    mend: Some(mend),
    ..Rule::OURS
};

/// So many places of a path in a line are looked at.
const MAX_PLACES: usize = 8;

/// So many layers are told that keep the same.
const MAX_LABELS: usize = 5;

/// Where a package manager keeps what is only needed while it installs, and what puts it there.
const CACHES: &[(&str, &[&str], &str)] = &[
    ("/var/lib/apt/lists", &["apt-get update", "apt update"], "The package lists are"),
    ("/var/cache/apk", &["apk update", "apk add"], "The package index is"),
    ("/var/cache/yum", &["yum install", "yum update"], "The package cache is"),
    ("/var/cache/dnf", &["dnf install", "dnf update"], "The package cache is"),
];

/// The words that remove packages.
const UNINSTALLS: &[&str] = &["del", "purge", "remove", "autoremove"];

/// A row of the image that makes a layer.
struct Layer<'f> {
    stage: StageId,
    step: usize,
    instruction: &'f Instruction<'f>,
    text: &'f str,
}

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    if !["rm ", "apk del", "purge", "remove"].iter().any(|word| file.text.contains(word)) {
        return;
    }
    let layers = layers(file);
    caches(file, &layers, acc);
    let Some(last) = layers.iter().rposition(Layer::takes_away) else { return };
    let taking = layers[..=last].iter().enumerate().skip(1).filter(|(_, layer)| layer.takes_away());
    let taking: Vec<_> = taking.map(|(nth, layer)| (nth, removed(layer))).collect();
    // Words that begin as none of those in question are not worth a look.
    let mut firsts = [false; 256];
    for part in taking.iter().flat_map(|(_, removed)| removed).flat_map(|name| names(name)) {
        firsts[usize::from(part.as_bytes()[0])] = true;
    }
    let mut words: HashSet<&str> = HashSet::new();
    let mut n_read = 0;
    for (nth, removed) in taking {
        if !removed.is_empty() {
            let unread = layers[n_read..nth].iter().flat_map(|layer| names(layer.text));
            words.extend(unread.filter(|word| firsts[usize::from(word.as_bytes()[0])]));
            n_read = nth;
        }
        if removed.iter().any(|name| names(name).all(|part| words.contains(part))) {
            return files(file, acc);
        }
    }
}

impl Layer<'_> {
    /// Whether it is a RUN that removes anything.
    fn takes_away(&self) -> bool {
        self.instruction.kind == InstructionKind::Run && (self.text.contains("rm ") || self.uninstalls())
    }

    /// Whether it removes packages, and installs none.
    fn uninstalls(&self) -> bool {
        let has = |words: &[&str]| words.iter().any(|word| self.text.contains(word));
        has(&["apk del", " purge", " remove", " autoremove"]) && !has(&["apk add", " install"])
    }
}

fn layers<'f>(file: &File<'f>) -> Vec<Layer<'f>> {
    let mut layers = Vec::new();
    for &stage in file.shipped() {
        for (step, effect) in file.effects(stage) {
            if let Effect::Copy(_) | Effect::Run(_) = effect
                && let Some(instruction) = file.instruction(stage.id, step)
            {
                let text = instruction.range.of(file.text);
                layers.push(Layer { stage: stage.id, step, instruction, text });
            }
        }
    }
    layers
}

/// Caches that one RUN fills and a later one empties.
fn caches(file: &File<'_>, layers: &[Layer<'_>], acc: &mut Findings<'_>) {
    for (cache, fillers, what) in CACHES.iter().filter(|(cache, ..)| file.text.contains(cache)) {
        let fills = |layer: &&Layer<'_>| {
            let is_filled = fillers.iter().any(|filler| layer.text.contains(filler));
            let is_kept = ["type=cache", "--no-cache", "clean all"].iter().any(|it| layer.text.contains(it));
            layer.instruction.kind == InstructionKind::Run && is_filled && !is_kept
        };
        let them = if what.ends_with("is") { "it" } else { "them" };
        let mut filled: Vec<&Layer<'_>> = Vec::new();
        for layer in layers {
            let removal = removes(layer.text, cache);
            if let (Some(at), Some(last), false) = (removal, filled.last(), fills(&layer)) {
                let line = last.instruction.lines.first;
                let start = layer.instruction.range.start + at;
                let range = TextRange::new(start, start + cache.len());
                let (have, there) = match filled.len() {
                    1 => (format!("the layer of line {line} still has"), format!("the RUN of line {line}")),
                    2 => (format!("line {line} and another layer still have"), "each RUN".to_owned()),
                    n => {
                        (format!("line {line} and {} other layers still have", n - 1), "each RUN".to_owned())
                    }
                };
                let message = format!("{what} removed here, but {have} {them}");
                let finding = acc.add(&RULE, (layer.stage, layer.step), range, message);
                finding.help(format!("Remove {them} in {there}, or give that a cache mount"));
                for layer in filled.iter().rev().take(MAX_LABELS) {
                    finding.label(layer.instruction.keyword.range, format!("this layer keeps {them}"));
                }
            }
            if removal.is_some() {
                filled.clear();
            } else if fills(&layer) {
                filled.push(layer);
            }
        }
    }
}

/// Where a path stands behind an `rm`.
fn removes(text: &str, path: &str) -> Option<usize> {
    text.match_indices(path).map(|(at, _)| at).take(MAX_PLACES).find(|&at| {
        let command =
            text[..at].rsplit(['&', ';', '|', '\n', '(']).find(|it| it.split_whitespace().next().is_some());
        let mut words = command.unwrap_or_default().split_whitespace();
        words.any(|word| word == "rm")
    })
}

/// The names of what a RUN removes, files or packages, judged by its words; what everybody cleans up is left out.
fn removed<'f>(layer: &Layer<'f>) -> Vec<&'f str> {
    let commands = layer.text.split(['&', ';', '|', '\n', '(']).filter(|command| command.contains("rm"));
    let words = commands.flat_map(|command| command.split_whitespace().skip_while(|it| *it != "rm").skip(1));
    let named = words.filter_map(|word| {
        let word = word.trim_matches(['"', '\'', '/', '*', '\\']);
        let is_usual = word.starts_with('-')
            || matches!(word, "tmp" | "var/tmp")
            || ["var/lib/apt", "var/cache"].iter().any(|it| word.starts_with(it));
        let name = word.rsplit('/').next().unwrap_or_default();
        (!is_usual && names(name).next().is_some()).then_some(name)
    });
    named.chain(uninstalled(layer)).collect()
}

/// The words behind the first that removes packages; a pattern may be any name, so it has none.
fn uninstalled<'f>(layer: &Layer<'f>) -> impl Iterator<Item = &'f str> + use<'f> {
    let text = if layer.uninstalls() { layer.text } else { "" };
    let words = text.split_whitespace().skip_while(|it| !UNINSTALLS.contains(it)).skip(1);
    let words = words.filter(|word| !word.starts_with('-') && names(word).next().is_some());
    words.map(|word| word.split(['=', '*']).next().unwrap_or(word))
}

/// The parts of a text that may be names, or parts of names.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(|it: char| !is_of_name(it)).filter(|part| !part.is_empty())
}

fn is_of_name(char: char) -> bool {
    char.is_ascii_alphanumeric()
        || !char.is_ascii() && char.is_alphanumeric()
        || matches!(char, '.' | '_' | '-' | '+')
}

/// Something that a later layer takes away.
struct Removed<'l> {
    what: &'l str,
    made: At,
}

/// Files and packages that one layer has and a later one takes away.
fn files(file: &File<'_>, acc: &mut Findings<'_>) {
    let ledger = file.ledger();
    let mut removed: Vec<(At, Removed<'_>)> = Vec::new();
    for entry in &ledger.entries {
        let Some(by) = entry.removed_by.filter(|by| is_later(*by, entry.at)) else { continue };
        let Some(node) = ledger.node(entry.node) else { continue };
        let is_made = node.makings.first().is_some_and(|making| {
            let is_file = matches!(making.how, How::Copy | How::Unpack | How::Fetch | How::Run { .. });
            is_file && making.certainty < Certainty::Unknown
        });
        if is_made {
            removed.push((by, Removed { what: &node.path, made: entry.at }));
        }
    }
    for package in &ledger.packages {
        if let Some(by) = package.removed_by.filter(|by| is_later(*by, package.at)) {
            removed.push((by, Removed { what: &package.name, made: package.at }));
        }
    }
    removed.sort_by_key(|(by, it)| (*by, it.made));
    for of_row in removed.chunk_by(|(a, _), (b, _)| a == b) {
        let Some((by, first)) = of_row.first() else { continue };
        let Some(maker) = file.instruction(first.made.stage, first.made.step) else { continue };
        let line = maker.lines.first;
        let others = match of_row.len() {
            1 => String::new(),
            2 => " and another thing".to_owned(),
            n => format!(" and {} other things", n - 1),
        };
        let (are, have) = if of_row.len() == 1 { ("is", "it") } else { ("are", "them") };
        let what = first.what;
        let message =
            format!("'{what}'{others} {are} removed here, but the layer of line {line} still has {have}");
        let name = what.rsplit('/').next().unwrap_or(what);
        let places = [what, name].map(|word| file.find(by.stage, by.step, word));
        let keyword = file.instruction(by.stage, by.step).map(|it| it.keyword.range);
        let range = places.into_iter().find(|range| Some(*range) != keyword).unwrap_or(places[0]);
        acc.add(&RULE, (by.stage, by.step), range, message)
            .help("Make and remove it in one RUN, or do both in a stage that does not ship")
            .label(maker.keyword.range, "this layer keeps it");
    }
}

fn is_later(by: At, made: At) -> bool {
    made.trigger.is_none()
        && by.trigger.is_none()
        && made.step > 0
        && (by.stage, by.step) != (made.stage, made.step)
}

/// Joins two RUN lines that follow each other.
fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    fix(file, finding).into_iter().collect()
}

fn fix(file: &File<'_>, finding: &Finding) -> Option<Fix> {
    let (id, step) = finding.stage.zip(finding.step)?;
    let first = file.instruction(id, step.checked_sub(1)?)?;
    let second = file.instruction(id, step)?;
    // Layers above would keep it still.
    let [made] = &finding.labels[..] else { return None };
    let is_plain = |run: &Instruction<'_>| {
        run.kind == InstructionKind::Run
            && !run.json
            && run.flags.is_empty()
            && run.heredocs.is_empty()
            && !run.broken
    };
    let between = file.text.get(first.range.end..second.range.start)?;
    let code = first.args.first()?.text.trim_end();
    let changes_state = ["cd ", "export ", "set ", "exit"].iter().any(|word| code.contains(word));
    if made.range != first.keyword.range
        || !is_plain(first)
        || !is_plain(second)
        || !between.trim().is_empty()
        || changes_state
        || code.ends_with(['&', ';', '|', '\\'])
    {
        return None;
    }
    let range = TextRange::new(first.range.end, second.args.first()?.range.start);
    let edits = vec![TextEdit::replace(range, format!(" {}\n && ", file.parse.escape))];
    let because = "The two become one layer, and one step of the cache.";
    Some(Fix::asking("Join the two RUN lines", because, edits))
}
