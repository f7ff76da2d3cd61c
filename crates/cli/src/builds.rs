//! `stagelight builds`: which services or Bake targets build which stages of a Dockerfile.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use builds::{Held, stage_row};
use dockerfile::stages::{self, BuildOptions, StageGraph};
use dockerfile::syntax;
use dockerfile::text::{self, LineIndex, TextRange};
use protocol::builds::{
    Build, BuildFile, Built, Language, Level, Origin, Pair, Place, Report, StageRow, VERSION, Value,
};

use crate::args::{Builds, BuildsFormat};
use crate::text::{Kind, Source, Style, Told, clean, count, name, snippet};
use crate::{end, files};

/// Answers about one Dockerfile.
///
/// # Errors
/// A sentence, if a file is not there, or the output is closed to us.
pub(crate) fn run(args: &Builds) -> Result<ExitCode, String> {
    let (path, is_bake) = match (&args.compose, &args.bake) {
        (Some(path), _) => (path, false),
        (None, Some(path)) => (path, true),
        (None, None) => return Err("Name the file by --compose or --bake".to_owned()),
    };
    let dockerfile = files::read(&args.file)?;
    let (dockerfile, _) = text::decode(&dockerfile.bytes);
    let bytes = files::read(path)?.bytes;
    let (written, _) = text::decode(&bytes);
    let language = match is_bake {
        true => compose::language(path.to_str(), &written),
        false => Language::Compose,
    };
    let file = compose::read(&written, language, &args.variables.iter().cloned().collect());
    let parse = syntax::parse(&dockerfile);
    let graph = stages::resolve(&parse, &BuildOptions::default());
    // Bake takes paths from where it runs, Compose from where its file lies.
    let folder = if is_bake { Path::new("") } else { path.parent().unwrap_or(Path::new("")) };
    let place = place_of(&args.file, folder, &file);
    let held = builds::hold(&file, &parse, place.as_deref());
    let report = report(args, path, &file, held, &graph);
    let stdout = io::stdout();
    let style = Style::of(stdout.is_terminal());
    let mut out = stdout.lock();
    end(match args.format {
        BuildsFormat::Text => out.write_all(told(&report, &written, &style).as_bytes()),
        BuildsFormat::Json => serde_json::to_writer_pretty(&mut out, &report)
            .map_err(io::Error::from)
            .and_then(|()| out.write_all(b"\n")),
    })?;
    let fails = report.problems.iter().any(|problem| problem.level == Level::Error);
    Ok(ExitCode::from(u8::from(fails)))
}

/// How the file calls the Dockerfile at `path`, if paths in it start at `folder`; `None` for the standard input.
fn place_of(path: &Path, folder: &Path, file: &BuildFile) -> Option<String> {
    if path == Path::new("-") {
        return None;
    }
    let wanted = whole(path);
    let written = file.builds.iter().filter_map(|build| match &build.dockerfile {
        Origin::File(path) => Some(path),
        Origin::Inline(_) | Origin::Remote(_) | Origin::Unknown(_) => None,
    });
    let mut found = written.filter(|written| whole(&folder.join(written)) == wanted);
    Some(found.next().cloned().unwrap_or_else(|| wanted.display().to_string()))
}

/// A path from the root, in its shortest form.
fn whole(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut whole = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => drop(whole.pop()),
            std::path::Component::CurDir => {}
            part => whole.push(part),
        }
    }
    whole
}

fn report(args: &Builds, path: &Path, file: &BuildFile, held: Held, graph: &StageGraph) -> Report {
    let row = |stage| stage_row(graph, stage);
    let builds = held.builds.iter().map(|build| Built {
        build: file.builds[build.place].clone(),
        stage: build.stage.map(row),
        needs: build.needs.iter().copied().map(row).collect(),
    });
    Report {
        version: VERSION,
        dockerfile: args.file.display().to_string(),
        file: path.display().to_string(),
        language: file.language,
        builds: builds.collect(),
        others: held.others,
        groups: file.groups.clone(),
        variables: file.variables.clone(),
        not_built: held.not_built.into_iter().map(row).collect(),
        problems: held.problems,
    }
}

/// The report as lines.
fn told(report: &Report, text: &str, style: &Style) -> String {
    let n_builds = report.builds.len();
    let file = name(&report.file);
    let mut out = format!("{file}: {} of {}\n", count(n_builds, "build"), name(&report.dockerfile));
    for built in &report.builds {
        out.push('\n');
        let build = &built.build;
        out.push_str(&format!("{} {}\n", style.strong(&clean(&build.name)), clean(&stage_words(built))));
        for (what, words) in rows(build) {
            out.push_str(&format!("  {what:<10} {}\n", clean(&words)));
        }
    }
    if !report.not_built.is_empty() {
        let names: Vec<String> = report.not_built.iter().map(stage_name).collect();
        // A build of a stage that is not known may need any of them.
        let is_sure = report.builds.iter().all(|built| built.stage.is_some());
        let what = if is_sure { "no build needs" } else { "no build needs, as far as is known" };
        out.push_str(&format!("\n{}: {}\n", style.note(what), clean(&names.join(", "))));
    }
    if !report.others.is_empty() {
        out.push_str("\nnot of this Dockerfile\n");
        for other in &report.others {
            out.push_str(&format!("  {} {}\n", clean(&other.name), clean(&other.why)));
        }
    }
    let lines = LineIndex::new(text);
    let source = Source { name: &file, text, lines: &lines };
    for problem in &report.problems {
        let kind = match problem.level {
            Level::Error => Kind::Error,
            Level::Warning => Kind::Warning,
            Level::Info => Kind::Info,
        };
        let range = Some(range(text, &lines, problem.at));
        let footers = problem.help.iter().map(|help| ("help", help.clone())).collect();
        let told = Told { kind, message: &problem.message, rule: None, range, labels: Vec::new(), footers };
        out.push('\n');
        out.push_str(&snippet(&source, &told, style));
    }
    out
}

fn stage_words(built: &Built) -> String {
    let Some(stage) = &built.stage else {
        return match &built.build.target {
            Some(target) => format!("builds {}", quoted(target)),
            None => "builds a stage that is not known".to_owned(),
        };
    };
    let which = match &built.build.target {
        Some(target) if !target.unless.is_empty() => {
            format!("{}, unless {} says otherwise", stage_name(stage), target.unless.join(" or "))
        }
        Some(_) => stage_name(stage),
        None => format!("the last stage, {}", stage_name(stage)),
    };
    let others: Vec<&str> = built.needs.iter().filter(|it| *it != stage).map(|it| it.name.as_str()).collect();
    match others.is_empty() {
        true => format!("builds {which}"),
        false => format!("builds {which}, which needs {}", others.join(", ")),
    }
}

fn quoted(target: &Value) -> String {
    match &target.text {
        Some(text) => format!("'{text}', which is not there"),
        None => format!("a stage that is {}", target.words()),
    }
}

fn stage_name(stage: &StageRow) -> String {
    format!("{} (line {})", stage.name, stage.line)
}

/// What a build is given, a row each.
fn rows(build: &Build) -> Vec<(&'static str, String)> {
    let value = |value: &Value| match value.unless.is_empty() {
        true => value.words(),
        false => format!("{} (unless {} is set)", value.words(), value.unless.join(" or ")),
    };
    let mut rows = Vec::new();
    let pair = |pair: &Pair| format!("{}={}", pair.name, value(&pair.value));
    rows.extend(build.args.iter().map(|it| ("argument", pair(it))));
    rows.extend(build.contexts.iter().map(|it| ("context", pair(it))));
    let listed = |values: &[Value]| values.iter().map(value).collect::<Vec<_>>().join(", ");
    let lists = [
        ("platforms", listed(&build.platforms)),
        ("tags", listed(&build.tags)),
        ("profiles", build.profiles.join(", ")),
        ("also sets", build.settings.join(", ")),
    ];
    rows.extend(lists.into_iter().filter(|(_, words)| !words.is_empty()));
    rows.extend(build.partial.iter().map(|why| ("note", format!("not all of it is known: {why}"))));
    rows
}

/// The word that stands at a place.
fn range(text: &str, lines: &LineIndex, at: Place) -> TextRange {
    let line = lines.line_range(at.line).unwrap_or_else(|| TextRange::empty(text.len()));
    let written = line.of(text);
    let column = at.column.saturating_sub(1) as usize;
    let start = written.char_indices().nth(column).map_or(written.len(), |(at, _)| at);
    let rest = written[start..].trim_end();
    let end = match rest.chars().next() {
        Some(quote @ ('"' | '\'')) => rest[1..].find(quote).map_or(rest.len(), |at| at + 2),
        _ => rest.find([' ', ',', ']', '}', '=', ':']).unwrap_or(rest.len()),
    };
    TextRange::new(line.start + start, line.start + start + end)
}
