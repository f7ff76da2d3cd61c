//! Cleaning up in a stage that does not ship: what is not copied out of it is not in the image anyway.

use crate::checks::{File, Findings, Level, Rule};
use crate::stages::{EdgeKind, Effect, Node, Start};
use crate::syntax::Instruction;
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "PointlessCleanup",
    description: "Cleaning up in a stage that does not ship makes the image no smaller",
    level: Level::Info,
    page: include_str!("pointless_cleanup.md"),
    find: Some(find),
    ..Rule::OURS
};

/// One of these is in each of them.
const WORDS: [&str; 3] = ["rm ", " clean", "purge"];
/// So many places of a path in a line are looked at.
const MAX_PLACES: usize = 8;
/// So many other places of a stage are told.
const MAX_LABELS: usize = 5;

/// What cleans up, and where. A path stands for an `rm` of what is there.
const CLEANUPS: &[(&str, &str)] = &[
    ("/var/lib/apt/lists", "/var/lib/apt/lists"),
    ("/var/cache/apt", "/var/cache/apt"),
    ("/var/cache/apk", "/var/cache/apk"),
    ("/var/cache/yum", "/var/cache/yum"),
    ("/var/cache/dnf", "/var/cache/dnf"),
    ("/root/.cache", "/root/.cache"),
    ("~/.cache", "/root/.cache"),
    ("/tmp/*", "/tmp"),
    ("/var/tmp/*", "/var/tmp"),
    ("apt-get clean", "/var/cache/apt"),
    ("apt clean", "/var/cache/apt"),
    ("yum clean all", "/var/cache/yum"),
    ("dnf clean all", "/var/cache/dnf"),
    ("npm cache clean", "/root/.npm"),
    ("yarn cache clean", "/usr/local/share/.cache"),
    ("pip cache purge", "/root/.cache"),
    ("conda clean", "/opt/conda"),
];

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    if !WORDS.iter().any(|word| file.text.contains(word)) {
        return;
    }
    let mut taken: Option<Vec<u32>> = None;
    for stage in file.needed().filter(|stage| !file.ships(stage.id)) {
        let runs = file.effects(stage).filter(|(_, effect)| matches!(effect, Effect::Run(_)));
        let mut cleanups = runs.filter_map(|(step, _)| {
            let (cleanup, range) = cleanup(file.text, file.instruction(stage.id, step)?)?;
            let taken = taken.get_or_insert_with(|| taken_places(file));
            (taken[stage.id.0] & 1 << cleanup == 0).then_some((step, range))
        });
        if let Some((step, range)) = cleanups.next() {
            let others: Vec<TextRange> = cleanups.map(|(_, range)| range).take(MAX_LABELS).collect();
            let name = stage.display_name();
            let message = format!(
                "Cleaning up in '{name}' makes the image no smaller: only what is copied out of it ships"
            );
            let finding = acc.add(&RULE, (stage.id, step), range, message);
            finding.help("Leave it away here; it is of use in a stage that ships");
            for range in others {
                finding.label(range, "here too");
            }
        }
    }
}

/// The first thing that a RUN cleans up: its place in the table, and where it stands.
fn cleanup(text: &str, instruction: &Instruction<'_>) -> Option<(usize, TextRange)> {
    let code = instruction.range.of(text);
    if !WORDS.iter().any(|word| code.contains(word)) {
        return None;
    }
    let found = CLEANUPS.iter().enumerate().filter_map(|(nth, (words, _))| {
        let at = match words.starts_with(['/', '~']) {
            true => code
                .match_indices(words)
                .map(|(at, _)| at)
                .take(MAX_PLACES)
                .find(|at| is_removed(&code[..*at]))?,
            false => code.find(words)?,
        };
        Some((at, nth, words.len()))
    });
    let (at, nth, len) = found.min()?;
    let start = instruction.range.start + at;
    Some((nth, TextRange::new(start, start + len)))
}

/// Whether the command at the end of a text is an `rm`.
fn is_removed(before: &str) -> bool {
    let before = before.replace("\\\n", " ");
    let command = before.rsplit(['&', ';', '|', '\n', '(']).next().unwrap_or_default();
    command.split_whitespace().any(|word| word == "rm")
}

/// For each stage, which of the places of the table somebody takes from it, or from a stage that is built on it.
fn taken_places(file: &File<'_>) -> Vec<u32> {
    let mut taken = vec![0; file.graph.stages.len()];
    for edge in file.graph.edges.iter().filter(|edge| edge.carries && edge.kind != EdgeKind::Base) {
        let Node::Stage(from) = edge.from else { continue };
        for path in &edge.paths {
            let path = path.trim_end_matches('/');
            let is_above = |place: &str| {
                place.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            for (nth, (_, place)) in CLEANUPS.iter().enumerate() {
                taken[from.0] |= u32::from(is_above(place)) << nth;
            }
        }
    }
    for stage in file.graph.stages.iter().rev() {
        if let Start::Stage(base) = stage.start {
            taken[base.0] |= taken[stage.id.0];
        }
    }
    taken
}
