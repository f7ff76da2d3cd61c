//! What does not fit between a build and the Dockerfile.

use std::collections::BTreeSet;

use dockerfile::queries::{self, Target};
use dockerfile::stages::{BuildOptions, Source, StageGraph};
use dockerfile::syntax::{InstructionKind, Parse, Phase, SyntaxError};
use protocol::builds::{Build, Level, Place, Problem};

use crate::{Order, Outcome, target_place};

/// Arguments that BuildKit takes although no file names them.
const BUILT_IN: [&str; 11] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "FTP_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "SOURCE_DATE_EPOCH",
    "BUILDKIT_SYNTAX",
    "BUILDKIT_INLINE_CACHE",
    "BUILDKIT_DOCKERFILE_CHECK",
    "BUILDKIT_MULTI_PLATFORM",
    "BUILDKIT_CONTEXT_KEEP_GIT_DIR",
];

/// Tells what is wrong with a build, or good to know.
pub(crate) fn of_build(
    build: &Build,
    order: &Order,
    outcome: &Outcome,
    declared: &BTreeSet<String>,
    problems: &mut Vec<Problem>,
) {
    if let Some((message, suggestion)) = &outcome.error {
        let help = match (suggestion, outcome.is_missing) {
            (Some(name), _) => Some(format!("Did you mean '{name}'?")),
            (None, true) if outcome.names.is_empty() => {
                Some("No stage of the Dockerfile has a name; add AS to its FROM".to_owned())
            }
            (None, true) => Some(format!("The Dockerfile has {}", listed(&outcome.names))),
            (None, false) => None,
        };
        let at = if outcome.is_missing { target_place(build) } else { build.at };
        problems.push(Problem {
            level: Level::Error,
            at,
            message: format!("{}: {message}", build.name),
            help,
        });
        return;
    }
    for pair in &build.args {
        let is_built_in = BUILT_IN.contains(&pair.name.to_ascii_uppercase().as_str())
            || pair.name.starts_with("BUILDKIT_SANDBOX")
            || pair.name.starts_with("BUILDKIT_CACHE");
        if outcome.args.contains(&pair.name) || is_built_in {
            continue;
        }
        let (message, help) = match declared.contains(&pair.name) {
            true => (
                format!("{}: only stages that it does not need declare '{}'", build.name, pair.name),
                "The build runs, and nothing reads the value",
            ),
            false => (
                format!("{}: no ARG declares '{}'", build.name, pair.name),
                "The build runs, and nothing reads the value; add ARG to the stage that wants it",
            ),
        };
        problems.push(Problem { level: Level::Info, at: pair.at, message, help: Some(help.to_owned()) });
    }
    for pair in &build.contexts {
        let is_given = order
            .contexts
            .iter()
            .any(|(name, _)| Some(name) == dockerfile::stages::context_name(&pair.name).ok().as_ref());
        let name = dockerfile::stages::context_name(&pair.name).unwrap_or_default();
        if is_given && !outcome.contexts.contains(&name) {
            let message = format!("{}: nothing in the Dockerfile is called '{}'", build.name, pair.name);
            let help = "The context stands for a stage, an image, or what --from says".to_owned();
            problems.push(Problem { level: Level::Info, at: pair.at, message, help: Some(help) });
        }
    }
}

/// The names of contexts that stand for something in a graph.
pub(crate) fn contexts(graph: &StageGraph) -> BTreeSet<String> {
    let sources = graph.sources.iter().filter_map(|source| match source {
        Source::NamedContext { name, .. } => Some(name.clone()),
        Source::Invalid(_) | Source::Image { .. } | Source::Scratch | Source::Context | Source::Remote(_) => {
            None
        }
    });
    sources.collect()
}

/// The names that ARG declares anywhere.
pub(crate) fn declared(graph: &StageGraph) -> BTreeSet<String> {
    let steps = graph.preamble.iter().chain(graph.stages.iter().flat_map(|stage| &stage.steps));
    let args = steps.filter(|step| step.kind == InstructionKind::Arg).map(|step| step.summary.to_string());
    let mut names = BTreeSet::new();
    for arg in args {
        names
            .extend(arg.split_whitespace().map(|word| word.split('=').next().unwrap_or_default().to_owned()));
    }
    names
}

/// Whether every build runs into an error, whatever it is given.
pub(crate) fn is_of_all(parse: &Parse<'_>, error: &SyntaxError) -> bool {
    parse.errors.iter().any(|it| it.range == error.range && it.message == error.message)
}

/// What BuildKit refuses of the Dockerfile, whatever is built of it.
pub(crate) fn refusal(parse: &Parse<'_>, graph: &StageGraph) -> Option<Problem> {
    let options = BuildOptions::default();
    let cut = queries::cut(graph, &Target::Default);
    let error = queries::first_error(parse, graph, &options, cut.as_ref(), &[])?;
    let is_wrong = is_of_all(parse, &error) && error.phase != Phase::Options;
    let line = error.lines.first().map(|it| format!(" (line {})", it.first)).unwrap_or_default();
    is_wrong.then(|| Problem {
        level: Level::Error,
        at: Place { line: 1, column: 1 },
        message: format!("BuildKit refuses the Dockerfile: {}{line}", error.message),
        help: Some("No build of it runs until that is mended".to_owned()),
    })
}

fn listed(names: &[String]) -> String {
    const MAX: usize = 8;
    let mut shown: Vec<String> = names.iter().take(MAX).map(|name| format!("'{name}'")).collect();
    if names.len() > MAX {
        shown.push(format!("{} more", names.len() - MAX));
    }
    match shown.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
