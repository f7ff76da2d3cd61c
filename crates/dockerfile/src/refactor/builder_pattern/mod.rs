//! Two Dockerfiles and a script between them, as people wrote before there were stages, made into one multi-stage file.
//!
//! The first Dockerfile builds; the script makes a container of its image and copies files out; the second Dockerfile
//! copies those in and ships. In one file the second is FROM its base as before, and its COPY takes the files from the
//! stage that makes them. Of every line that is not needed any more it is said why.

mod script;

use std::collections::HashSet;

use super::lines::newline;
use super::names::{free_name_like, is_number, reference_range};
use crate::edit::{TextEdit, apply};
use crate::stages::args::split_declaration;
use crate::stages::{self, BuildOptions, EdgeKind, Node, StageGraph};
use crate::syntax::{self, Instruction, InstructionKind, Parse, Word};
use crate::text::{LineIndex, TextRange};
use script::{Act, Line, local};

/// Flags and endings of archives that ADD unpacks and COPY does not.
const ARCHIVES: &[&str] = &[".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst"];

/// What there is before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuilderPattern<'t> {
    /// The Dockerfile that builds, often `Dockerfile.build`.
    pub build: &'t str,
    /// The Dockerfile that ships.
    pub ship: &'t str,
    /// The shell script that goes between.
    pub script: &'t str,
}

/// One file instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MultiStage {
    /// The Dockerfile.
    pub text: String,
    /// The stage that builds.
    pub stage: String,
    /// What has become of each line of the script.
    pub script: Vec<LineFate>,
    /// What else there is to know.
    pub notes: Vec<String>,
}

/// What has become of a line of the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineFate {
    /// Its number, from 1.
    pub line: u32,
    /// The line, with those that continue it.
    pub text: String,
    /// Whether it is not needed any more.
    pub vanishes: bool,
    /// Why, in a sentence.
    pub why: String,
}

/// A file that the script takes from the first image to the second build.
struct Artifact {
    /// In the image.
    path: String,
    /// Beside the second Dockerfile.
    to: String,
    /// The line that takes it.
    line: u32,
}

/// A Dockerfile as it is read.
struct Read<'t> {
    text: &'t str,
    parse: Parse<'t>,
    graph: StageGraph,
}

/// Makes one file of two. The error says in a sentence what stands in the way.
pub fn multi_stage(pattern: BuilderPattern<'_>) -> Result<MultiStage, String> {
    let build = read("The Dockerfile that builds", pattern.build)?;
    let ship = read("The Dockerfile that ships", pattern.ship)?;
    let names = |file: &Read<'_>| -> HashSet<String> {
        file.graph.stages.iter().filter_map(|stage| stage.name.clone()).collect()
    };
    let (ours, theirs) = (names(&build), names(&ship));
    if let Some(name) = ours.intersection(&theirs).next() {
        return Err(format!("Both Dockerfiles have a stage '{name}'. Rename it in one of them first."));
    }
    let lines = script::read(pattern.script);
    let artifacts = artifacts(&lines)?;
    let last = build.graph.stages.last().ok_or("The Dockerfile that builds has no stage.")?;
    let stage = match &last.name {
        Some(name) => name.clone(),
        None if theirs.contains("builder") => free_name_like(&ship.graph, "builder"),
        None => free_name_like(&build.graph, "builder"),
    };
    let mut notes = Vec::new();
    let mut ship_edits = numbers(&ship, build.graph.stages.len());
    let mut used: HashSet<u32> = HashSet::new();
    for instruction in &ship.parse.instructions {
        ship_edits.extend(copies(&ship, instruction, &artifacts, &stage, &mut used)?);
    }
    for artifact in artifacts.iter().filter(|artifact| !used.contains(&artifact.line)) {
        notes.push(format!(
            "Line {} of the script takes {} out, but no COPY takes {}: it is not in the image.",
            artifact.line, artifact.path, artifact.to
        ));
    }
    let mut build_edits = Vec::new();
    if last.name.is_none() {
        build_edits.push(TextEdit::insert(last.base_range.end, format!(" AS {stage}")));
    }
    head(&build, &ship, &mut build_edits, &mut ship_edits, &mut notes)?;
    contexts(&lines, &mut notes);
    let text = together(&build, &build_edits, &ship, &ship_edits).ok_or(
        "The changes lie over each other. Write the COPY that takes the files on a line of its own.",
    )?;
    check(&text)?;
    Ok(MultiStage { text, script: lines.iter().map(|line| fate(line, &stage)).collect(), stage, notes })
}

fn read<'t>(which: &str, text: &'t str) -> Result<Read<'t>, String> {
    let parse = syntax::parse(text);
    let graph = stages::resolve(&parse, &BuildOptions::default());
    let error = parse.errors.iter().chain(&graph.errors).next();
    if let Some(error) = error {
        let line = LineIndex::new(text).line_col(text, error.range.start).line;
        return Err(format!("{which}, line {line}: {}.", error.message.trim_end_matches('.')));
    }
    Ok(Read { text, parse, graph })
}

/// What the script takes out of containers of an image that it has built.
fn artifacts(lines: &[Line]) -> Result<Vec<Artifact>, String> {
    let acts = || lines.iter().flat_map(|line| line.acts.iter().map(|act| (line.number, act)));
    let taken = acts().filter_map(|(line, act)| {
        let Act::TakeOut { path, to, .. } = act else { return None };
        let name = path.rsplit('/').next().unwrap_or_default();
        // A directory gets the file under its own name.
        let is_directory = to.ends_with('/') || matches!(to.as_str(), "." | "..");
        let to = if is_directory { format!("{to}/{name}") } else { to.clone() };
        Some(Artifact { path: path.clone(), to: local(&to), line })
    });
    let artifacts: Vec<Artifact> = taken.collect();
    if artifacts.is_empty() {
        return Err(
            "The script takes nothing out of a container: it has no 'docker cp CONTAINER:PATH FILE'."
                .to_owned(),
        );
    }
    Ok(artifacts)
}

/// Numbers of stages count on from those of the first file.
fn numbers(ship: &Read<'_>, n_before: usize) -> Vec<TextEdit> {
    let edges = ship.graph.edges.iter().filter(|edge| edge.kind != EdgeKind::Base);
    let shifted = edges.filter_map(|edge| {
        let Node::Stage(stage) = edge.from else { return None };
        let range = reference_range(ship.text, &ship.parse, &ship.graph, edge)?;
        let is_numbered = is_number(&ship.text[range.start..range.end]);
        is_numbered.then(|| TextEdit::replace(range, (stage.0 + n_before).to_string()))
    });
    shifted.collect()
}

/// What becomes of a COPY that takes what the script has put beside the Dockerfile.
fn copies(
    ship: &Read<'_>,
    instruction: &Instruction<'_>,
    artifacts: &[Artifact],
    stage: &str,
    used: &mut HashSet<u32>,
) -> Result<Vec<TextEdit>, String> {
    let is_copy = matches!(instruction.kind, InstructionKind::Copy | InstructionKind::Add);
    if !is_copy || instruction.flags.iter().any(|flag| flag.name.text == "from") {
        return Ok(Vec::new());
    }
    let Some((destination, sources)) = instruction.args.split_last() else { return Ok(Vec::new()) };
    let named = |source: &Word<'_>| artifacts.iter().find(|it| it.to == local(&source.text));
    let flags: String = instruction
        .flags
        .iter()
        .map(|flag| format!(" {}", &ship.text[flag.range.start..flag.range.end]))
        .collect();
    let mut lines = Vec::new();
    let kept: Vec<&Word<'_>> = sources.iter().filter(|source| named(source).is_none()).collect();
    if kept.len() < sources.len() && !kept.is_empty() {
        let words = kept.iter().chain([&destination]).map(|word| word.text.as_ref());
        lines.push(line(&format!("{}{flags}", instruction.keyword.text), words.collect(), instruction.json));
    }
    for artifact in sources.iter().filter_map(named) {
        if instruction.kind == InstructionKind::Add && ARCHIVES.iter().any(|it| artifact.to.ends_with(it)) {
            return Err(format!(
                "Line {} unpacks {}, which ADD cannot take from a stage. Unpack it with a RUN of the first Dockerfile.",
                instruction.lines.first, artifact.to
            ));
        }
        used.insert(artifact.line);
        let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let is_directory = destination.text.ends_with(['/', '.']) || sources.len() > 1;
        let to = match is_directory && name(&artifact.path) != name(&artifact.to) {
            true => below(&destination.text, &name(&artifact.to)),
            false => destination.text.to_string(),
        };
        lines.push(line(&format!("COPY --from={stage}{flags}"), vec![&artifact.path, &to], instruction.json));
    }
    let mut edits = Vec::new();
    if !lines.is_empty() {
        let text = lines.join(newline(ship.text));
        // Heredocs of the same COPY would go with it.
        if !instruction.heredocs.is_empty() {
            return Err(format!(
                "Line {} takes {} together with a heredoc. Put them into two COPY instructions first.",
                instruction.lines.first,
                sources.iter().find_map(named).map_or("a file", |artifact| artifact.to.as_str())
            ));
        }
        edits.push(TextEdit::replace(instruction.range, text));
    }
    // A directory that the file lay in was copied with it.
    let mut inside = Vec::new();
    for source in &kept {
        let directory = local(&source.text);
        let below_it = |artifact: &&Artifact| {
            directory.is_empty()
                || artifact.to.strip_prefix(&directory).is_some_and(|rest| rest.starts_with('/'))
        };
        for artifact in artifacts.iter().filter(below_it) {
            used.insert(artifact.line);
            let rest = artifact.to[directory.len()..].trim_start_matches('/');
            inside.push(line(
                &format!("COPY --from={stage}"),
                vec![&artifact.path, &below(&destination.text, rest)],
                instruction.json,
            ));
        }
    }
    if !inside.is_empty() {
        let text: String = inside.iter().map(|line| format!("{}{line}", newline(ship.text))).collect();
        edits.push(TextEdit::insert(instruction.range.end, text));
    }
    Ok(edits)
}

/// An instruction, in the form of the one that it stands for.
fn line(head: &str, words: Vec<&str>, json: bool) -> String {
    let is_plain = !json && words.iter().all(|word| !word.contains(char::is_whitespace));
    match is_plain {
        true => format!("{head} {}", words.join(" ")),
        false => {
            let quoted: Vec<String> = words.iter().map(|word| super::in_double_quotes(word, '\\')).collect();
            format!("{head} [{}]", quoted.join(", "))
        }
    }
}

fn below(directory: &str, name: &str) -> String {
    match directory.trim_end_matches('/') {
        "." => format!("./{name}"),
        directory => format!("{directory}/{name}"),
    }
}

/// What stands above the first FROM of the second file goes above that of the first.
fn head(
    build: &Read<'_>,
    ship: &Read<'_>,
    build_edits: &mut Vec<TextEdit>,
    ship_edits: &mut Vec<TextEdit>,
    notes: &mut Vec<String>,
) -> Result<(), String> {
    if build.parse.escape != ship.parse.escape {
        return Err("The Dockerfiles have different escape directives, and one file has one.".to_owned());
    }
    let lines = LineIndex::new(ship.text);
    let whole = |first: u32, last: u32| {
        let end = lines.line_range(last).map_or(ship.text.len(), |range| range.end);
        let end = end + usize::from(ship.text[end..].starts_with('\n'));
        TextRange::new(lines.line_range(first).map_or(0, |range| range.start), end)
    };
    let mut top = String::new();
    for directive in &ship.parse.directives {
        let range = whole(directive.line, directive.line);
        let theirs = build.parse.directives.iter().find(|it| it.name == directive.name);
        match theirs {
            Some(theirs) if theirs.value.text != directive.value.text => notes.push(format!(
                "Both Dockerfiles have a directive '{}'; that of the first is kept, '{}'.",
                directive.name, theirs.value.text
            )),
            Some(_) => {}
            None => top.push_str(&ship.text[range.start..range.end]),
        }
        ship_edits.push(TextEdit::delete(range));
    }
    if !top.is_empty() {
        build_edits.push(TextEdit::insert(0, top));
    }
    let is_global = |it: &&Instruction<'_>| it.kind == InstructionKind::Arg;
    let globals = |file: &Read<'_>| -> Vec<(String, String, u32, u32)> {
        let before = file.parse.instructions.iter().take_while(|it| it.kind != InstructionKind::From);
        let told = before.filter(is_global).flat_map(|it| {
            let (first, last) = (it.lines.first, it.lines.last);
            it.args.iter().map(move |word| {
                let name = split_declaration(&word.text).0.to_owned();
                (name, word.text.to_string(), first, last)
            })
        });
        told.collect()
    };
    let ours = globals(build);
    let mut moved = String::new();
    let mut seen = HashSet::new();
    for (name, declared, first, last) in globals(ship) {
        match ours.iter().find(|(it, ..)| *it == name) {
            Some((_, same, ..)) if *same == declared => {}
            Some(_) => {
                return Err(format!(
                    "Both Dockerfiles declare ARG {name} above their first FROM, with another default. Rename one."
                ));
            }
            None => moved.push_str(&format!("ARG {declared}{}", newline(build.text))),
        }
        if seen.insert(first) {
            ship_edits.push(TextEdit::delete(whole(first, last)));
        }
    }
    if let Some(from) = build.parse.instructions.iter().find(|it| it.kind == InstructionKind::From)
        && !moved.is_empty()
    {
        build_edits.push(TextEdit::insert(from.range.start, moved));
    }
    Ok(())
}

/// One build has one context.
fn contexts(lines: &[Line], notes: &mut Vec<String>) {
    let acts = lines.iter().flat_map(|line| &line.acts);
    let builds = acts.filter_map(|act| if let Act::Build(build) = act { Some(build) } else { None });
    let builds: Vec<_> = builds.collect();
    let mut contexts: Vec<&str> = builds.iter().map(|build| build.context.as_str()).collect();
    contexts.dedup_by(|a, b| local(a) == local(b));
    if contexts.len() > 1 {
        notes.push(format!(
            "The builds have different contexts ({}), and one build has one. The paths of COPY are left as they are.",
            contexts.join(", ")
        ));
    }
    let name = |arg: &'_ String| arg.split('=').next().unwrap_or_default().to_owned();
    let mut args: Vec<String> = builds.iter().flat_map(|build| build.args.iter().map(name)).collect();
    args.sort_unstable();
    args.dedup();
    if !args.is_empty() {
        notes.push(format!("Give the one build the arguments that the script gives: {}.", args.join(", ")));
    }
    if builds.iter().any(|build| build.target.is_some()) {
        notes.push(
            "The script builds with --target; the one file is built without, or for its last stage."
                .to_owned(),
        );
    }
}

fn together(
    build: &Read<'_>,
    build_edits: &[TextEdit],
    ship: &Read<'_>,
    ship_edits: &[TextEdit],
) -> Option<String> {
    let (first, second) = (apply(build.text, build_edits)?, apply(ship.text, ship_edits)?);
    let newline = newline(build.text);
    let (first, second) = (first.trim_end(), second.trim_start_matches(['\n', '\r']));
    Some(format!("{first}{newline}{newline}{second}"))
}

/// What has been made must be a Dockerfile.
fn check(text: &str) -> Result<(), String> {
    let made = read("The one Dockerfile", text)?;
    match made.graph.stage_errors.first() {
        Some(error) => Err(format!("The one Dockerfile cannot be built: {}.", error.error.message)),
        None => Ok(()),
    }
}

/// Why a line of the script is not needed any more, or has to stay.
fn fate(line: &Line, stage: &str) -> LineFate {
    let told =
        |vanishes: bool, why: String| LineFate { line: line.number, text: line.text.clone(), vanishes, why };
    if line.text.starts_with('#') {
        return told(true, "A comment of the script".to_owned());
    }
    let mut whys: Vec<(bool, String)> = Vec::new();
    for act in &line.acts {
        let why = match act {
            Act::Build(build) => {
                let mut why = match &build.file {
                    Some(_) => format!(
                        "BuildKit builds stage {stage} by itself, because COPY --from={stage} needs it"
                    ),
                    None => "This is the one build that is left, 'docker build .'".to_owned(),
                };
                if build.no_cache {
                    why.push_str(
                        "; --no-cache was there since the cache could not see the file from outside change",
                    );
                }
                (build.file.is_some(), why)
            }
            Act::Create { name, .. } => {
                (true, format!("No container '{name}' is needed to get at the files of an image"))
            }
            Act::TakeOut { path, to, .. } => {
                (true, format!("COPY --from={stage} takes {path}; {to} is never on the disk"))
            }
            Act::PutIn => (false, "It puts a file into a container, which a build does with COPY".to_owned()),
            Act::Remove { what } => (true, format!("There is no {what} left over to remove")),
            Act::RemoveFiles(paths) => (true, format!("{} was never on the disk", paths.join(", "))),
            Act::Say => (true, "docker build tells its steps itself".to_owned()),
            Act::MakeDirectory => (true, "COPY makes the directories that it needs".to_owned()),
            Act::Shell => (true, "Of no use without the rest of the script".to_owned()),
            Act::Other(text) => {
                (false, format!("'{text}' is no part of the pattern: keep it, if it is still needed"))
            }
        };
        if !whys.contains(&why) {
            whys.push(why);
        }
    }
    if whys.is_empty() {
        return told(true, "It runs nothing by itself".to_owned());
    }
    let vanishes = whys.iter().all(|(vanishes, _)| *vanishes);
    told(vanishes, whys.into_iter().map(|(_, why)| why).collect::<Vec<_>>().join(". "))
}
