//! The same installation or compilation in two stages, run twice although once would do.
//!
//! BuildKit runs equal steps on equal inputs once, and [`Plan`] knows which these are; nothing is said of them. Where
//! something above differs they are not equal, however much they look alike. What reads files counts as the same only
//! where the files and the variables are likely the same, too.

use std::collections::{HashMap, HashSet};

use super::invocation::Invocation;
use super::runs::{Run, name, runs, variables};
use super::systems::lineage;
use crate::checks::{File, Findings, Level, Rule};
use crate::queries::Plan;
use crate::queries::ledger::ShellCommand;
use crate::stages::mount::MountType;
use crate::stages::{Effect, Source, Stage, StageId};

pub(super) static RULE: Rule = Rule {
    name: "RepeatedSteps",
    description: "An installation or compilation runs in two stages although once would do",
    level: Level::Info,
    page: include_str!("repeated_steps.md"),
    find: Some(find),
    ..Rule::OURS
};

/// So many pairs of a file are looked at closely.
const MAX_PAIRS: usize = 64;

/// What stands in a RUN that takes its time.
const PROGRAMS: &[&str] = &[
    "apt", "apk", "yum", "dnf", "zypper", "pip", "npm", "yarn", "bun", "composer", "go ", "cargo", "mvn",
    "gradle", "make", "poetry", "uv ", "dotnet", "gem ", "mix ",
];

/// What makes two RUN lines alike.
#[derive(PartialEq, Eq, Hash)]
struct Likeness<'f> {
    command: Vec<&'f str>,
    user: &'f str,
    base: &'f Source,
    platform: Option<&'f str>,
}

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    if file.needed().nth(1).is_none() || file.cut.is_none_or(|cut| !cut.errors.is_empty()) {
        return;
    }
    let pairs = pairs(file);
    if pairs.is_empty() {
        return;
    }
    let plan = Plan::of(file.text, file.parse, file.graph);
    let keys: HashMap<(StageId, u32), usize> =
        plan.operations().map(|(stage, line, key)| ((stage, line), key)).collect();
    let key = |run: &Run<'_>| keys.get(&(run.stage.id, run.stage.steps[run.step].lines.first));
    let mut told: HashSet<(StageId, StageId)> = HashSet::new();
    let mut told_of: HashSet<usize> = HashSet::new();
    for (first, second) in pairs {
        let (Some(one), Some(&other)) = (key(&first), key(&second)) else { continue };
        let stages = (first.stage.id, second.stage.id);
        if *one == other || told.contains(&stages) || told_of.contains(&other) {
            continue;
        }
        if is_below(file, first.stage, second.stage) || !does_the_same(file, &first, &second) {
            continue;
        }
        told.insert(stages);
        told_of.insert(other);
        let instruction = |run: &Run<'_>| file.instruction(run.stage.id, run.step);
        let (Some(here), Some(there)) = (instruction(&second), instruction(&first)) else { continue };
        let line = there.lines.first;
        let message = format!("Line {line} runs the same, and both run, as what stands above them differs");
        acc.add(&RULE, second.row(), here.range, message)
            .help("Put it at the beginning of a stage that both start from")
            .label(there.range, format!("this runs in '{}'", first.stage.display_name()));
    }
}

/// RUN lines that look alike and stand in different stages: the first of them with each of the others.
fn pairs<'f>(file: &File<'f>) -> Vec<(Run<'f>, Run<'f>)> {
    let mut firsts: HashMap<Likeness<'f>, Run<'f>> = HashMap::new();
    let mut pairs = Vec::new();
    let needed = file.needed().filter_map(|stage| {
        let bottom = lineage(file.graph, stage.id).last()?;
        let base = file.graph.base_source(bottom.id).filter(|base| matches!(base, Source::Image { .. }))?;
        Some((stage, bottom, base))
    });
    let needed: Vec<(&Stage, &Stage, &Source)> = needed.collect();
    let mut n_stages: HashMap<&Source, usize> = HashMap::new();
    for (_, _, base) in &needed {
        *n_stages.entry(base).or_default() += 1;
    }
    for (stage, bottom, base) in needed.into_iter().filter(|(_, _, base)| n_stages[base] > 1) {
        let from = file.instruction(bottom.id, 0);
        let platform = from.and_then(|it| it.flags.first()).map(|flag| flag.range.of(file.text));
        for run in runs(file, stage).filter(|run| run.mentions(PROGRAMS)) {
            let command = run.texts().collect();
            let first =
                *firsts.entry(Likeness { command, user: &run.ran.user, base, platform }).or_insert(run);
            if first.stage.id != stage.id && pairs.len() < MAX_PAIRS {
                pairs.push((first, run));
            }
        }
    }
    pairs
}

/// Whether one stage is built on the other.
fn is_below(file: &File<'_>, first: &Stage, second: &Stage) -> bool {
    let is_on = |top: &Stage, below: &Stage| lineage(file.graph, top.id).any(|it| it.id == below.id);
    is_on(first, second) || is_on(second, first)
}

/// What a command needs beside the image.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Needs {
    /// Nothing, and it is done in no time.
    Nothing,
    /// What is far away: packages by their names.
    Packages,
    /// Files of the stage.
    Files,
}

/// Whether two RUN lines that look alike take their time, and leave the same.
fn does_the_same(file: &File<'_>, first: &Run<'_>, second: &Run<'_>) -> bool {
    let commands = second.commands(file);
    let takes_time = commands.iter().any(|it| install(it).is_some() || compiles(it));
    if !takes_time || first.ran.mounts != second.ran.mounts {
        return false;
    }
    let is_bound = second.ran.mounts.iter().any(|mount| mount.kind == MountType::Bind);
    let needs_files = is_bound || commands.iter().any(|it| needs(it) == Needs::Files);
    if (needs_files || second.mentions(&["$"]))
        && variables(file, first.row()) != variables(file, second.row())
    {
        return false;
    }
    !needs_files || first.ran.workdir == second.ran.workdir && copied(file, first) == copied(file, second)
}

/// What was copied last above a RUN, as it is written; nothing is not the same as nothing.
fn copied<'f>(file: &File<'f>, run: &Run<'_>) -> Result<&'f str, StageId> {
    let above = lineage(file.graph, run.stage.id).find_map(|stage| {
        let own = stage.commands.iter().rev().filter(|it| it.trigger.is_none());
        let mut above = own.filter(|it| stage.id != run.stage.id || it.step < run.step);
        let command = above.find(|it| matches!(it.effect, Effect::Copy(_)))?;
        Some(file.instruction(stage.id, command.step)?.range.of(file.text))
    });
    above.ok_or(run.stage.id)
}

fn needs(command: &ShellCommand) -> Needs {
    const QUICK: &[&str] = &[
        "set",
        "rm",
        "mkdir",
        "echo",
        "cd",
        "true",
        ":",
        "ln",
        "export",
        "groupadd",
        "useradd",
        "addgroup",
        "adduser",
        "update-ca-certificates",
        "locale-gen",
    ];
    let Some(program) = command.words.first().map(|it| name(it)) else { return Needs::Nothing };
    let keeps_house = matches!(program, "apt-get" | "apt" | "apk" | "yum" | "dnf" | "microdnf" | "zypper");
    install(command).unwrap_or(match QUICK.contains(&program) || keeps_house {
        true => Needs::Nothing,
        false => Needs::Files,
    })
}

/// What an installation needs; `None` if the command is none.
fn install(command: &ShellCommand) -> Option<Needs> {
    let it = Invocation::of(command)?;
    let by_name = match it.operands().any(|word| word.starts_with(['.', '/', '*'])) {
        true => Needs::Files,
        false => Needs::Packages,
    };
    match (it.program, it.verb) {
        ("apt-get" | "apt" | "yum" | "dnf" | "microdnf" | "zypper", "install") | ("apk", "add") => {
            Some(by_name)
        }
        ("pip" | "pip3", "install") if it.has(&["-r", "--requirement", "-e", "-c"]) => Some(Needs::Files),
        ("pip" | "pip3" | "gem", "install") => Some(by_name),
        ("npm" | "pnpm", "install" | "i" | "add") if it.has(&["-g", "--global"]) => Some(by_name),
        ("yarn", "global") => Some(Needs::Packages),
        ("npm" | "pnpm" | "bun", "install" | "i" | "ci")
        | ("yarn" | "bundle" | "composer" | "poetry" | "pipenv", "install")
        | ("uv", "sync")
        | ("dotnet", "restore")
        | ("mix", "deps.get")
        | ("go", "mod") => Some(Needs::Files),
        ("yarn", "") => Some(Needs::Files),
        _ => None,
    }
}

/// Whether a command compiles.
fn compiles(command: &ShellCommand) -> bool {
    Invocation::of(command).is_some_and(|it| match it.program {
        "make" | "mvn" | "mvnw" | "gradle" | "gradlew" => true,
        "go" | "cargo" => matches!(it.verb, "build" | "install"),
        "dotnet" => matches!(it.verb, "build" | "publish"),
        "npm" | "yarn" | "pnpm" => it.has(&["build"]),
        _ => false,
    })
}
