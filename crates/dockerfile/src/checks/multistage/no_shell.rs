//! Shell form where there is no shell: in `scratch`, in distroless images and the like.
//!
//! Surprising: SHELL names a shell without bringing one; and a base without a shell is as good as any, as long as
//! everything is in exec form.

use super::systems::{base, card, lineage};
use crate::checks::{File, Finding, Findings, Level, Rule};
use crate::edit::{Fix, TextEdit};
use crate::queries::{BaseCard, Fact, may_lack_shell};
use crate::stages::mount::MountType;
use crate::stages::{Effect, FileCopy, StageId};
use crate::syntax::InstructionKind;
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "NoShell",
    description: "The shell form needs a shell, and the image has none",
    level: Level::Error,
    page: include_str!("no_shell.md"),
    find: Some(find),
    mend: Some(mend),
    ..Rule::OURS
};

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    for stage in file.needed() {
        if !base(file.graph, stage.id).is_some_and(may_lack_shell) {
            continue;
        }
        let Some(card) = shell_less(file, stage.id) else { continue };
        let has = if card.reference == "scratch" { "has" } else { "likely has" };
        for (step, effect) in file.effects(stage) {
            let Some(instruction) = file.instruction(stage.id, step).filter(|it| !it.json) else { continue };
            let is_in_force = || file.ships(stage.id) && is_last(file, (stage.id, step), instruction.kind);
            let then = if let Effect::Run(ran) = effect {
                let may_bring = ran.mounts.iter().any(|it| it.kind == MountType::Bind);
                (!ran.line.arguments.is_empty() && !may_bring).then_some("the build fails")
            } else if let Effect::Healthcheck(_) = effect {
                // `HEALTHCHECK NONE` has no command.
                (instruction.args.len() > 1 && is_in_force()).then_some("the container is never healthy")
            } else {
                let is_program = matches!(effect, Effect::Cmd(_) | Effect::Entrypoint(Some(_)));
                (is_program && is_in_force()).then_some("the container does not start")
            };
            let Some((words, then)) = instruction.args.last().zip(then) else { continue };
            let message = format!("{} {has} no shell to run this in: {then}", card.reference);
            acc.add(&RULE, (stage.id, step), words.range, message)
                .help("Use the exec form, an array in JSON, or a base image with a shell");
        }
    }
}

/// What a stage lies on if that has no shell and nothing in the file brings one.
fn shell_less<'c>(file: &'c File<'_>, stage: StageId) -> Option<&'c BaseCard> {
    let card = card(file, stage).filter(|card| card.shell == Fact::Nothing)?;
    let brings = lineage(file.graph, stage).any(|stage| {
        stage.commands.iter().any(|command| {
            // With SHELL, somebody knows which one there is.
            matches!(command.effect, Effect::Shell(_))
                || matches!(&command.effect, Effect::Copy(copied) if copied.files.iter().any(may_be_shell))
        })
    });
    (!brings).then_some(card)
}

/// Whether a copy may be, or have in it, a shell.
pub(super) fn may_be_shell(file: &FileCopy) -> bool {
    let to = file.destination.trim_end_matches('/');
    let name = to.rsplit('/').next().unwrap_or(to);
    let is_place =
        matches!(to, "/bin" | "/usr" | "/usr/bin" | "/sbin" | "/usr/sbin" | "/usr/local" | "/usr/local/bin");
    is_place
        || matches!(name, "sh" | "ash" | "bash" | "dash" | "busybox")
        || to.is_empty() && may_be_system(&file.source)
}

/// Whether what is copied to the root may be a whole system, not just a program.
pub(super) fn may_be_system(source: &str) -> bool {
    let source = source.trim_end_matches('/');
    let name = source.rsplit('/').next().unwrap_or(source).to_ascii_lowercase();
    let parts =
        ["root", "fs", "out", "dist", "tar", "tgz", "txz", "sys", "image", "install", "overlay", "build"];
    name.is_empty() || name.contains(['*', '$']) || parts.iter().any(|part| name.contains(part))
}

/// Whether no later instruction of the target takes its place.
fn is_last(file: &File<'_>, row: (StageId, usize), kind: InstructionKind) -> bool {
    let mut rows =
        file.shipped().iter().rev().flat_map(|stage| {
            stage.steps.iter().enumerate().rev().map(|(at, step)| ((stage.id, at), step.kind))
        });
    rows.find(|(_, it)| *it == kind).is_some_and(|(it, _)| it == row)
}

fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let line = finding.range.of(file.text);
    // Whatever a shell would have something to do with is left alone.
    let is_simple = !line.contains(|c: char| "\\'\"`$&|;<>()*?[]{}~#!\n=".contains(c));
    if !is_simple || line.trim().is_empty() {
        return Vec::new();
    }
    let words: Vec<String> = line.split_whitespace().map(|word| format!("\"{word}\"")).collect();
    let edit = TextEdit::replace(
        TextRange::new(finding.range.start, finding.range.end),
        format!("[{}]", words.join(", ")),
    );
    let because = "The program is then run by itself, without a shell";
    vec![Fix::asking("Write it in exec form", because, vec![edit])]
}
