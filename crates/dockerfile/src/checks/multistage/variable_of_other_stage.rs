//! A RUN uses a variable that only another stage declares, or an ARG above the first FROM, which no stage sees until it
//! declares it too. Of instructions BuildKit's UndefinedVar says so; what a shell puts in it does not look at.

use std::collections::{HashMap, HashSet};

use super::shell_variables::{self, Use};
use super::systems::lineage;
use crate::checks::{File, Finding, Findings, Level, Rule};
use crate::edit::Fix;
use crate::queries;
use crate::refactor::lines;
use crate::stages::{Effect, Ran, Source, Stage, StageId, Start};
use crate::syntax::{Instruction, InstructionKind};
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "VariableOfOtherStage",
    description: "A command uses a variable that only another stage or a global ARG declares",
    level: Level::Warning,
    page: include_str!("variable_of_other_stage.md"),
    find: Some(find),
    mend: Some(mend),
    ..Rule::OURS
};

/// So many variables of a stage are looked into.
const MAX_ASKED: usize = 50;

/// What BuildKit declares by itself, above the first FROM.
const PLATFORM: &[&str] = &[
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETOSVERSION",
    "TARGETARCH",
    "TARGETVARIANT",
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDOSVERSION",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETSTAGE",
];

/// What every RUN gets from the client, and what shells set.
const ALWAYS: &[&str] = &[
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "FTP_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "PATH",
    "HOME",
    "PWD",
    "OLDPWD",
    "HOSTNAME",
    "USER",
    "SHELL",
    "TERM",
    "IFS",
    "RANDOM",
    "UID",
    "LANG",
    "SOURCE_DATE_EPOCH",
];

/// Where a variable is declared.
#[derive(Clone, Copy)]
enum Place {
    /// Above the first FROM, in this instruction.
    Global(TextRange),
    /// By BuildKit, for all FROM lines.
    Platform,
    /// In a stage, and in no other if that is `only` there.
    Stage { id: StageId, range: TextRange, only: bool },
}

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    let has_others = file.graph.stages.len() > 1 || !file.graph.globals.is_empty();
    if !has_others && !["TARGET", "BUILD"].iter().any(|word| file.text.contains(word)) {
        return;
    }
    let mut elsewhere = None;
    for stage in file.needed() {
        let mut told: HashSet<&str> = HashSet::new();
        let mut own = None;
        let mut n_asked = 0;
        for (step, effect) in file.effects(stage) {
            let Effect::Run(ran) = effect else { continue };
            let Some(instruction) = file.instruction(stage.id, step) else { continue };
            let Some(script) = script(ran, instruction).filter(|script| script.contains('$')) else {
                continue;
            };
            for Use { name, .. } in shell_variables::uses(script) {
                if ALWAYS.contains(&name) || !told.insert(name) {
                    continue;
                }
                let own = own.get_or_insert_with(|| declared(file, stage));
                if own.contains(name) {
                    continue;
                }
                let elsewhere = elsewhere.get_or_insert_with(|| all_declared(file));
                let place = elsewhere.get(name).copied();
                let place = place.or_else(|| PLATFORM.contains(&name).then_some(Place::Platform));
                n_asked += usize::from(place.is_some());
                if let Some(place) = place
                    && n_asked <= MAX_ASKED
                    && !shell_variables::may_set(script, name)
                    && !base_sets(file, stage, name)
                {
                    let place_of = place_in(file.text, instruction, name);
                    tell(file, (stage, step), (name, place_of), place, acc);
                }
            }
        }
    }
}

fn tell(
    file: &File<'_>,
    (stage, step): (&Stage, usize),
    (name, range): (&str, TextRange),
    place: Place,
    acc: &mut Findings<'_>,
) {
    let is_certain = queries::unknown_image(file.graph, stage.id).is_none();
    let is = if is_certain { "is empty" } else { "is likely empty" };
    let why = match place {
        Place::Global(_) => "no stage sees an ARG above the first FROM until it declares it too".to_owned(),
        Place::Platform => format!("a stage sees it once it says ARG {name}"),
        Place::Stage { id, only: true, .. } => {
            let other = file.graph.stages.get(id.0).map(Stage::display_name).unwrap_or_default();
            format!("only stage '{other}' declares it")
        }
        Place::Stage { .. } => "only other stages declare it".to_owned(),
    };
    let finding = acc.add(&RULE, (stage.id, step), range, format!("'${name}' {is} here: {why}"));
    match place {
        Place::Global(range) => {
            finding.help(format!("Declare it in this stage, above the line: ARG {name}"));
            finding.label(range, "declared here");
        }
        Place::Stage { range, .. } => {
            finding.help(
                "Declare it in this stage too: it knows its own variables, and those of the stages it is FROM",
            );
            finding.label(range, "declared here");
        }
        Place::Platform => {
            finding.help(format!("Declare it in this stage, above the line: ARG {name}"));
        }
    }
}

/// What a RUN hands to a shell whose variables we know.
fn script<'f>(ran: &'f Ran, instruction: &Instruction<'_>) -> Option<&'f str> {
    let shell = ran.line.arguments.first()?.rsplit('/').next()?;
    let is_known = matches!(shell, "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh");
    (is_known && !instruction.json && ran.script.is_none())
        .then(|| ran.line.arguments.last())?
        .map(AsRef::as_ref)
}

/// The variables that a stage and those it is FROM declare anywhere.
fn declared<'f>(file: &File<'f>, stage: &'f Stage) -> HashSet<&'f str> {
    let mut names = HashSet::new();
    for stage in lineage(file.graph, stage.id) {
        for command in &stage.commands {
            names.extend(command.effect.variables().map(|(name, _)| name));
            if let Effect::Run(ran) = &command.effect {
                names.extend(ran.mounts.iter().filter_map(|mount| mount.env.as_deref()));
            }
        }
    }
    names
}

/// All variables of the file, each with the place that tells most: a global ARG, or else the first stage.
fn all_declared<'f>(file: &File<'f>) -> HashMap<&'f str, Place> {
    let mut all: HashMap<&str, Place> = HashMap::new();
    for global in &file.graph.globals {
        let row = file.graph.preamble.get(global.step);
        all.insert(&global.name, Place::Global(row.map_or(TextRange::default(), |row| row.range)));
    }
    for stage in &file.graph.stages {
        for (step, effect) in file.effects(stage) {
            let range = stage.steps.get(step).map_or(stage.base_range, |row| row.range);
            for (name, _) in effect.variables() {
                let here = Place::Stage { id: stage.id, range, only: true };
                match all.entry(name).or_insert(here) {
                    Place::Stage { id, only, .. } => *only &= *id == stage.id,
                    Place::Global(_) | Place::Platform => {}
                }
            }
        }
    }
    all
}

/// Whether the image below a stage sets a variable, or may well do so: `node` has a `NODE_VERSION`.
fn base_sets<'f>(file: &File<'f>, stage: &'f Stage, name: &str) -> bool {
    let Some(root) = lineage(file.graph, stage.id).last() else { return false };
    if let Start::Image(config) = &root.start {
        return config.env.iter().any(|(it, _)| it == name);
    }
    let Some(source) = file.graph.base_source(root.id) else { return false };
    let Source::Image { reference, .. } = source else {
        return matches!(source, Source::NamedContext { .. });
    };
    let first = name.split('_').next().unwrap_or(name).to_ascii_lowercase();
    let image = reference.rsplit_once('/').map_or(reference.as_str(), |(_, image)| image);
    let is_known = file.card(root.id).is_some_and(|card| card.env.iter().any(|(it, _)| *it == name));
    is_known
        || first.len() > 1 && reference.contains(&first)
        || image.contains("java")
        || image.contains("jdk")
}

/// Where a variable is put in first.
fn place_in(text: &str, instruction: &Instruction<'_>, name: &str) -> TextRange {
    let code = instruction.range.of(text);
    let found = shell_variables::uses(code).into_iter().find(|it| it.name == name);
    found.map_or(instruction.keyword.range, |found| {
        let is_braced = code[found.at + 1..].starts_with('{');
        let end = found.at + 1 + usize::from(is_braced) + name.len();
        let is_closed = is_braced && code[end..].starts_with('}');
        let start = instruction.range.start;
        TextRange::new(start + found.at, start + end + usize::from(is_closed))
    })
}

/// Declares it in the stage, above the line, as it is declared elsewhere.
fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    fix(file, finding).into_iter().collect()
}

fn fix(file: &File<'_>, finding: &Finding) -> Option<Fix> {
    let (id, step) = finding.stage.zip(finding.step)?;
    let run = file.instruction(id, step)?;
    let name = finding.range.of(file.text).trim_start_matches('$').trim_matches(['{', '}']);
    let place = all_declared(file).get(name).copied();
    let declaration = match place {
        Some(Place::Stage { range, .. }) => {
            let declared = file.parse.instructions.iter().find(|it| it.range == range)?;
            let is_only = match declared.kind {
                InstructionKind::Arg => declared.args.len() == 1,
                kind => kind == InstructionKind::Env && declared.args.len() == 3,
            };
            let code = range.of(file.text);
            is_only.then_some(code).filter(|code| !code.contains(['$', '\n']))?.to_owned()
        }
        Some(Place::Global(_) | Place::Platform) | None => {
            format!("{} {name}", lines::in_case_of(&run.keyword.text, "ARG"))
        }
    };
    let edits = vec![lines::insert_above(file.text, file.parse, run, &declaration)];
    let because = format!("'${name}' gets a value then, so the command does something else.");
    Some(Fix::asking(format!("Declare '{name}' in this stage"), because, edits))
}
