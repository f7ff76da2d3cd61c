//! CMD, EXPOSE and the like in a stage that others only take files from: nothing of it reaches the target.
//!
//! COPY and mounts take files, not settings. A stage that could well be a target itself, by its name, or that is the
//! base of another has good use for them.

use std::collections::HashSet;

use crate::checks::{File, Findings, Level, Rule};
use crate::stages::{EdgeKind, Node, Stage};
use crate::syntax::InstructionKind;

pub(super) static RULE: Rule = Rule {
    name: "SettingsLeftBehind",
    description: "Settings of a stage that others only copy from reach no image",
    level: Level::Info,
    page: include_str!("settings_left_behind.md"),
    find: Some(find),
    ..Rule::OURS
};

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    let Some(target) = file.target() else { return };
    let mut bases: Option<HashSet<Node>> = None;
    for stage in file.needed().filter(|stage| stage.id != target.id && only_builds(stage)) {
        let mut settings =
            stage.steps.iter().enumerate().filter(|(_, step)| is_setting(step.kind) && !step.broken);
        let Some((first, row)) = settings.next() else { continue };
        if bases.get_or_insert_with(|| self::bases(file)).contains(&Node::Stage(stage.id)) {
            continue;
        }
        let Some(instruction) = file.instruction(stage.id, first) else { continue };
        let (keyword, target) = (&row.keyword, target.display_name());
        let name = stage.display_name();
        let message =
            format!("{keyword} of stage '{name}' has no effect on '{target}', which only takes files");
        let finding = acc.add(&RULE, (stage.id, first), instruction.keyword.range, message);
        finding.help(format!("Move it to the stage whose image needs it, or leave it out of '{name}'"));
        for (step, _) in settings {
            if let Some(instruction) = file.instruction(stage.id, step) {
                finding.label(instruction.keyword.range, "nor has this");
            }
        }
    }
}

/// Whether it is a setting that does nothing while the image is built.
fn is_setting(kind: InstructionKind) -> bool {
    match kind {
        InstructionKind::Cmd
        | InstructionKind::Entrypoint
        | InstructionKind::Expose
        | InstructionKind::Healthcheck
        | InstructionKind::Stopsignal
        | InstructionKind::Volume => true,
        InstructionKind::Add
        | InstructionKind::Arg
        | InstructionKind::Copy
        | InstructionKind::Env
        | InstructionKind::From
        | InstructionKind::Label
        | InstructionKind::Maintainer
        | InstructionKind::Onbuild
        | InstructionKind::Run
        | InstructionKind::Shell
        | InstructionKind::User
        | InstructionKind::Workdir
        | InstructionKind::Unknown => false,
    }
}

/// Whether the stage is there for its files alone, as far as its name tells. Without a name nobody can ask for it.
fn only_builds(stage: &Stage) -> bool {
    const BUILDS: &[&str] = &[
        "build",
        "builder",
        "builds",
        "building",
        "buildenv",
        "compile",
        "compiler",
        "deps",
        "dependencies",
        "vendor",
        "assets",
        "install",
        "installer",
        "packages",
        "download",
        "downloader",
        "fetch",
        "generate",
        "codegen",
    ];
    const TARGETS: &[&str] = &[
        "dev",
        "develop",
        "development",
        "test",
        "tests",
        "testing",
        "debug",
        "ci",
        "local",
        "image",
        "runtime",
        "release",
        "prod",
        "production",
        "app",
        "server",
        "final",
    ];
    let Some(name) = &stage.name else { return true };
    let has = |words: &[&str]| name.split(['-', '_', '.']).any(|part| words.contains(&part));
    has(BUILDS) && !has(TARGETS)
}

/// What stages start from, needed or not.
fn bases(file: &File<'_>) -> HashSet<Node> {
    file.graph.edges.iter().filter(|edge| edge.kind == EdgeKind::Base).map(|edge| edge.from).collect()
}
