//! `COPY . .` above the command that installs dependencies: whatever file changes, they are installed again.
//!
//! Surprising: a command that builds the project along with its dependencies needs all of it, so that is no mistake;
//! and where another RUN has installed them above, or fetched them, nothing is lost. Nor is much where a cache mount keeps
//! what was downloaded: that is another way to the same end. Composer goes through the classes of the project too, unless
//! it is told to leave that for later.

use super::copies::{from_context, is_in, trimmed};
use super::invocation::Invocation;
use super::runs::{Run, name, runs};
use crate::checks::{File, Finding, Findings, Level, Rule};
use crate::edit::{Fix, TextEdit};
use crate::queries::ledger::ShellCommand;
use crate::stages::mount::MountType;
use crate::stages::{Effect, Stage};
use crate::syntax::{Instruction, InstructionKind};
use crate::text::TextRange;

pub(super) static RULE: Rule = Rule {
    name: "SourceBeforeDependencies",
    description: "Dependencies are installed again whenever any file changes",
    level: Level::Warning,
    page: include_str!("source_before_dependencies.md"),
    find: Some(find),
    mend: Some(mend),
    ..Rule::OURS
};

/// A place where sources come first.
struct Place<'f> {
    stage: &'f Stage,
    /// The row of the COPY that brings everything.
    copy: usize,
    run: Run<'f>,
    install: Install,
}

/// A command that installs dependencies.
struct Install {
    /// The program and its first argument.
    command: String,
    /// The files that say what to install; none if they cannot be told.
    files: Vec<String>,
    /// Where they are.
    directory: String,
    /// Whether it goes through the project's own classes as well, so that what it writes down is wrong without them.
    lists_classes: bool,
}

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    for stage in file.needed() {
        let Some(place) = place(file, stage) else { continue };
        let range = file.instruction(stage.id, place.copy).map_or(TextRange::default(), |it| it.range);
        let install = &place.install;
        let message = format!("With every change of any file '{}' runs again", install.command);
        let finding = acc.add(&RULE, (stage.id, place.copy), range, message);
        finding
            .label(file.find(stage.id, place.run.step, &install.command), "this installs the dependencies");
        if install.lists_classes {
            finding.help("Copy composer.json and composer.lock, install with --no-autoloader --no-scripts, copy the rest, and run composer dump-autoload then");
        } else if install.files.is_empty() {
            finding.help("Copy what says which dependencies there are, install them, and copy the rest then");
        } else {
            finding.help(format!("Copy {} first, install, and copy the rest then", install.files.join(" ")));
        }
    }
}

fn place<'f>(file: &File<'f>, stage: &'f Stage) -> Option<Place<'f>> {
    let (copy, destination) = file.effects(stage).find_map(|(step, effect)| {
        let Effect::Copy(copied) = effect else { return None };
        let is_all = |source: &String| matches!(source.as_str(), "." | "./" | "/" | "/.");
        let at = copied.sources.iter().position(is_all).filter(|_| !copied.parents)?;
        let is_context = from_context(file, (stage.id, step));
        is_context.then_some((step, trimmed(&copied.files.get(at)?.destination)))
    })?;
    let mut installed: Vec<String> = Vec::new();
    for run in runs(file, stage) {
        let is_above = run.step < copy;
        let has_cache = run.ran.mounts.iter().any(|mount| mount.kind == MountType::Cache);
        if !run.mentions(PROGRAMS) || has_cache && !is_above {
            continue;
        }
        for command in run.commands(file) {
            if is_above && let Some(it) = Invocation::of(&command).filter(|it| it.verb == "fetch") {
                installed.push(it.program.to_owned());
            }
            let Some(mut install) = install(&command) else { continue };
            let tool = install.command.split(' ').next().unwrap_or_default().to_owned();
            if is_above {
                installed.push(tool);
            } else if is_in(destination, &install.directory) && !installed.contains(&tool) {
                if runs(file, stage).any(|run| run.mentions(WORKSPACES)) {
                    install.files.clear();
                }
                return Some(Place { stage, copy, run, install });
            }
        }
    }
    None
}

/// What commands say where a project has others in it, each with a list of dependencies of its own.
const WORKSPACES: &[&str] = &["--filter", " -r ", "--recursive", "turbo", "lerna", "nx ", "workspace"];

/// What stands in a RUN that installs dependencies.
const PROGRAMS: &[&str] =
    &["npm", "yarn", "bun", "pip", "go mod", "composer", "mvn", "poetry", "uv ", "dotnet", "mix "];

/// What a command installs, if it installs dependencies and nothing else.
fn install(command: &ShellCommand) -> Option<Install> {
    const ELSEWHERE: &[&str] =
        &["--prefix", "-C", "--cwd", "--dir", "--working-dir", "-d", "-g", "--global", "--filter", "-w"];
    let it = Invocation::of(command)?;
    let (program, verb) = (it.program, it.verb);
    let operands: Vec<&str> = it.operands().collect();
    let is_elsewhere = it.has(ELSEWHERE)
        || it.words.iter().any(|word| word.starts_with("--prefix=") || word.starts_with("--cwd="));
    let names: &[&str] = match (program, verb) {
        _ if is_elsewhere || command.cwd.is_empty() || it.has(&["--offline"]) => return None,
        ("npm", "ci" | "clean-install") => &["package*.json"],
        ("npm", "install" | "i") if operands.is_empty() => &["package*.json"],
        ("yarn", "" | "install") if operands.is_empty() && !it.has(&["--version", "-v"]) => {
            &["package.json", "yarn.lock*"]
        }
        ("pnpm", "install" | "i") if operands.is_empty() => &["package.json", "pnpm-lock.yaml*"],
        ("bun", "install" | "i") if operands.is_empty() => &["package.json", "bun.lock*"],
        ("go", "mod") if operands.first() == Some(&"download") => &["go.mod", "go.sum*"],
        ("bundle", "install") => &["Gemfile", "Gemfile.lock*"],
        ("composer", "install") => &["composer.json", "composer.lock*"],
        ("mvn", _) if verb.starts_with("dependency:") && operands.is_empty() => &["pom.xml"],
        ("pipenv", "install" | "sync") if it.has(&["--system", "--deploy"]) || operands.is_empty() => {
            &["Pipfile", "Pipfile.lock*"]
        }
        ("poetry", "install") if it.has(&["--no-root"]) => &["pyproject.toml", "poetry.lock*"],
        ("uv", "sync") if it.has(&["--no-install-project"]) => &["pyproject.toml", "uv.lock*"],
        ("mix", "deps.get") => &["mix.exs", "mix.lock*"],
        ("dotnet", "restore") => &[],
        ("pip" | "pip3", "install") => return pip(command, &it),
        _ => return None,
    };
    let command_words = match verb {
        "" => program.to_owned(),
        _ => format!("{program} {verb}"),
    };
    let files = names.iter().map(|it| (*it).to_owned()).collect();
    let lists_classes = program == "composer" && !it.has(&["--no-autoloader"]);
    Some(Install { command: command_words, files, directory: command.cwd.clone(), lists_classes })
}

/// `pip install -r requirements.txt`, without anything of the project itself.
fn pip(command: &ShellCommand, it: &Invocation<'_>) -> Option<Install> {
    let mut files = Vec::new();
    let mut words = it.words.iter().skip(1);
    while let Some(word) = words.next() {
        match *word {
            "-r" | "--requirement" => files.push((*words.next()?).to_owned()),
            "-e" | "--editable" => return None,
            "-c" | "--constraint" => files.push((*words.next()?).to_owned()),
            word if word.starts_with("--requirement=") => {
                files.push(word["--requirement=".len()..].to_owned())
            }
            word if word.starts_with("-r") => files.push(word[2..].to_owned()),
            word if word.starts_with('.') || word.starts_with('/') || word.contains(".whl") => return None,
            _ => {}
        }
    }
    // They may refer to each other.
    for it in &mut files {
        let (folder, last) = it.rsplit_once('/').unwrap_or(("", it));
        if last.starts_with("requirements") && last.ends_with(".txt") {
            *it = if folder.is_empty() {
                "requirements*.txt".to_owned()
            } else {
                format!("{folder}/requirements*.txt")
            };
        }
    }
    files.dedup();
    let is_plain = |it: &String| {
        !it.trim_end_matches("requirements*.txt").contains(['*', ':', '$']) && !it.starts_with("..")
    };
    if files.is_empty() {
        return None;
    }
    let directory = command.cwd.clone();
    // An absolute path is seen from the directory, where it can be.
    for it in &mut files {
        if let Some(rest) = it.strip_prefix(trimmed(&directory)).and_then(|rest| rest.strip_prefix('/')) {
            *it = rest.to_owned();
        } else if it.starts_with('/') {
            return None;
        }
        *it = it.trim_start_matches("./").to_owned();
    }
    if !files.iter().all(is_plain) {
        files.clear();
    }
    Some(Install { command: format!("{} install", it.program), files, directory, lists_classes: false })
}

fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let stage = finding.stage.and_then(|id| file.graph.stages.get(id.0));
    let Some(place) = stage.and_then(|stage| place(file, stage)) else { return Vec::new() };
    split(file, &place).into_iter().collect()
}

/// Copies the files that matter first, and the rest behind the RUN.
fn split(file: &File<'_>, place: &Place<'_>) -> Option<Fix> {
    let Place { stage, copy, run, install } = place;
    let copying =
        file.instruction(stage.id, *copy).filter(|it| it.kind == InstructionKind::Copy && !it.json)?;
    let running = file.instruction(stage.id, run.step).filter(|it| !it.json && it.heredocs.is_empty())?;
    let [source, destination] = &copying.args[..] else { return None };
    let is_one_line = copying.lines.first == copying.lines.last;
    if install.files.is_empty() || install.lists_classes || !is_one_line || !copying.heredocs.is_empty() {
        return None;
    }
    // Between the two nothing may need the files, or change where they go.
    let between = stage.steps.get(copy + 1..run.step)?;
    let is_absolute = destination.text.starts_with('/');
    let is_idle = |kind: InstructionKind| {
        let sets =
            [InstructionKind::Env, InstructionKind::Arg, InstructionKind::Label, InstructionKind::Expose];
        sets.contains(&kind) || is_absolute && kind == InstructionKind::Workdir
    };
    if !between.iter().all(|step| is_idle(step.kind)) {
        return None;
    }
    let below = install.directory.strip_prefix(trimmed(file_destination(place)?)).unwrap_or_default();
    let below = below.trim_start_matches('/');
    let prefix = if below.is_empty() { String::new() } else { format!("{below}/") };
    let sources: Vec<String> = install.files.iter().map(|it| format!("{prefix}{it}")).collect();
    let in_directories = install.files.iter().any(|it| it.contains('/'));
    if in_directories && install.files.len() > 1 {
        return None;
    }
    let folder = match install.files.first()?.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/"),
        None => String::new(),
    };
    let to = format!("{}/{prefix}{folder}", destination.range.of(file.text).trim_end_matches('/'));
    let first = format!("{} {to}", sources.join(" "));
    let rest = copying.range.of(file.text);
    let behind = match cut(file, running, place)? {
        Some((at, command)) => {
            // The second half of the RUN, with its flags.
            let flags = TextRange::new(running.range.start, running.args.first()?.range.start).of(file.text);
            vec![TextEdit::replace(
                TextRange::new(at, running.range.end),
                format!("\n{rest}\n{flags}{command}"),
            )]
        }
        None => vec![TextEdit::insert(running.range.end, format!("\n{rest}"))],
    };
    let mut edits = vec![TextEdit::replace(TextRange::new(source.range.start, destination.range.end), first)];
    edits.extend(behind);
    let because = "A script that runs on installation may need more of the files";
    Some(Fix::asking("Copy the other files after the installation", because, edits))
}

/// Where everything goes.
fn file_destination<'f>(place: &Place<'f>) -> Option<&'f str> {
    let command = place.stage.commands.iter().find(|it| it.step == place.copy && it.trigger.is_none())?;
    let Effect::Copy(copied) = &command.effect else { return None };
    Some(&copied.files.first()?.destination)
}

/// Where a RUN has to be cut so that the first part only installs, and what is left; `None` within if it does nothing
/// else, and `None` if it cannot be cut.
fn cut<'t>(
    file: &File<'t>,
    running: &Instruction<'_>,
    place: &Place<'_>,
) -> Option<Option<(usize, &'t str)>> {
    let args = running.args.first()?.range;
    let text = args.of(file.text);
    if text.contains(['(', '{', '`', '#', '<', '|']) || text.contains(" if ") || text.contains(';') {
        return None;
    }
    let parts: Vec<&str> = text.split("&&").collect();
    let words: Vec<&str> = place.install.command.split(' ').collect();
    let is_install = |part: &&str| {
        let has: Vec<&str> = part.split_whitespace().collect();
        words.iter().all(|word| has.iter().any(|it| name(it) == *word))
    };
    let last = parts.iter().rposition(is_install)?;
    // What comes before has to do without the files, too.
    let is_harmless = |part: &&str| {
        let first = part.split_whitespace().find(|it| *it != "\\").map(name);
        is_install(part)
            || matches!(
                first,
                Some(
                    "set"
                        | "apk"
                        | "apt-get"
                        | "apt"
                        | "npm"
                        | "pip"
                        | "pip3"
                        | "yarn"
                        | "corepack"
                        | "gem"
                        | "bundle"
                        | "go"
                        | "poetry"
                        | "python"
                        | "python3"
                )
            )
    };
    if !parts[..last].iter().all(is_harmless) {
        return None;
    }
    if last + 1 == parts.len() {
        return Some(None);
    }
    let len: usize = parts[..=last].iter().map(|part| part.len() + "&&".len()).sum();
    let kept = text[..len - "&&".len()].trim_end_matches(|c: char| c.is_whitespace() || c == '\\');
    let rest = text[len..].trim_start_matches(|c: char| c.is_whitespace() || c == '\\');
    Some(Some((args.start + kept.len(), rest)))
}
