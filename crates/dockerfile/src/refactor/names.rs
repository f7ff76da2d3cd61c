//! The names of stages, and everything that refers to them.
//!
//! Follows `dockerfile2llb`: `COPY --from` and mounts take names and, COPY alone, numbers; FROM takes names of earlier
//! stages alone. Surprising: of two stages with one name COPY means the later, wherever it stands.

use std::borrow::Cow;
use std::collections::HashSet;

use super::lines::is_verbatim;
use crate::edit::TextEdit;
use crate::stages::{Command, Edge, EdgeKind, Effect, Node, Source, Stage, StageGraph, StageId, to_lower};
use crate::syntax::{Instruction, InstructionKind, Parse, Word, mounts};
use crate::text::TextRange;

/// Where the name or number that an edge stems from is written, as far as it stands there by itself; `None` if a
/// variable, an escape or a trigger make it. Quotes around it do not belong to it.
pub fn reference_range(text: &str, parse: &Parse<'_>, graph: &StageGraph, edge: &Edge) -> Option<TextRange> {
    let stage = graph.stages.get(edge.to.0)?;
    let row = stage.steps.get(edge.step)?;
    let instruction = parse.instructions.get(row.instruction).filter(|_| !edge.trigger)?;
    match (edge.kind, instruction.kind) {
        (EdgeKind::Base, InstructionKind::From) => plain(text, instruction.args.first()?),
        (EdgeKind::Copy, InstructionKind::Copy) => plain(text, instruction.flag("from")?),
        (EdgeKind::Mount, InstructionKind::Run) => {
            let flag = instruction.flags.iter().find(|flag| flag.range == edge.range)?;
            from_of_mount(text, flag.value.as_ref()?)
        }
        (_, _) => None,
    }
}

/// Where the names stand that a COPY or the mounts of a RUN take from.
pub(crate) fn written_names(text: &str, instruction: &Instruction<'_>) -> Vec<TextRange> {
    let mounts = instruction.flags.iter().filter(|flag| flag.name.text == "mount");
    if instruction.kind == InstructionKind::Copy {
        instruction.flag("from").and_then(|from| plain(text, from)).into_iter().collect()
    } else if instruction.kind == InstructionKind::Run {
        mounts.filter_map(|flag| from_of_mount(text, flag.value.as_ref()?)).collect()
    } else {
        Vec::new()
    }
}

/// Where a word stands that nothing is taken out of but the quotes around it, and nothing put into.
fn plain(text: &str, word: &Word<'_>) -> Option<TextRange> {
    let is_plain = !word.text.contains(['$', '"', '\'', '\\', '`']);
    verbatim(text, word).filter(|_| is_plain)
}

/// Where the text of a word stands as it is, within the quotes around it.
fn verbatim(text: &str, word: &Word<'_>) -> Option<TextRange> {
    if is_verbatim(word) {
        return Some(word.range);
    }
    let quotes = ['"', '\''].into_iter();
    let mut inner = quotes.filter_map(|it| word.range.of(text).strip_prefix(it)?.strip_suffix(it));
    let start = word.range.start + 1;
    inner.any(|inner| inner == word.text).then(|| TextRange::new(start, start + word.text.len()))
}

/// The last `from` of a mount, as BuildKit takes it.
fn from_of_mount(text: &str, value: &Word<'_>) -> Option<TextRange> {
    let whole = verbatim(text, value)?;
    // Places in the value are places in the file, further along.
    let moved = Word { text: (&*value.text).into(), range: TextRange::new(0, value.text.len()) };
    let fields = mounts::split(&moved, &value.text).ok()?;
    let from = fields.into_iter().rfind(|it| it.value.is_some() && it.key.text.eq_ignore_ascii_case("from"));
    let range = plain(&value.text, &from?.value?)?;
    Some(TextRange::new(whole.start + range.start, whole.start + range.end))
}

/// The stage that a name means in a COPY or a mount of `stage`.
pub fn means(graph: &StageGraph, name: &str, _stage: StageId) -> Option<StageId> {
    let name = to_lower(name);
    // Others may have been tried, but no stage can be called so.
    if !is_name(&name) {
        return None;
    }
    graph.stages.iter().rev().find(|stage| stage.name.as_deref() == Some(&*name)).map(|stage| stage.id)
}

/// Whether a stage can have the name: `^[a-z][a-z0-9-_.]*$`.
pub(crate) fn is_name(name: &str) -> bool {
    let is_part = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || matches!(it, b'-' | b'_' | b'.');
    name.starts_with(|it: char| it.is_ascii_lowercase()) && name.bytes().all(is_part)
}

/// Whether COPY takes it for the number of a stage.
pub(crate) fn is_number(text: &str) -> bool {
    text.parse::<i64>().is_ok()
}

/// The names that stages have, and those that images and contexts are asked for by: a new stage must have none of
/// them.
pub(crate) fn taken(graph: &StageGraph) -> HashSet<&str> {
    let stages = graph.stages.iter().filter_map(|stage| stage.name.as_deref());
    let sources = graph.sources.iter().filter_map(|source| match source {
        Source::Image { familiar, .. } => Some(familiar.as_str()),
        Source::NamedContext { name, .. } => Some(name),
        Source::Invalid(text) => Some(text),
        Source::Scratch => Some("scratch"),
        Source::Context => Some("context"),
        Source::Remote(_) => None,
    });
    let bases = graph.stages.iter().map(|stage| stage.base_expanded.as_str());
    stages.chain(sources).chain(bases).chain(["scratch", "context"]).collect()
}

/// A name for a stage without one, which tells what it does: `build`, `deps`, and where that is taken `go-build`.
///
/// Nothing in the file is called so yet, neither a stage nor an image that something refers to; and each of several
/// stages without a name gets another.
pub fn free_name(graph: &StageGraph, stage: StageId) -> String {
    let taken = taken(graph);
    let mut given: HashSet<String> = HashSet::new();
    let unnamed = graph.stages.iter().take(stage.0 + 1).filter(|it| it.name.is_none() || it.id == stage);
    let mut name = String::new();
    for stage in unnamed {
        let role = role(stage);
        let of_language = language(graph, stage).map(|language| format!("{language}-{role}"));
        let candidates = std::iter::once(role.to_owned()).chain(of_language);
        let candidates = candidates.chain((stage.id.0..).map(|number| format!("{role}-{number}")));
        name = candidates
            .into_iter()
            .find(|name| !taken.contains(name.as_str()) && !given.contains(name))
            .unwrap_or_default();
        given.insert(name.clone());
    }
    name
}

/// What a stage is for, by the words of its commands.
fn role(stage: &Stage) -> &'static str {
    const BUILDS: &[&str] =
        &["build", "compile", "make", "mvn", "gradle", "cargo", "publish", "webpack", "gcc"];
    const FETCHES: &[&str] = &["curl ", "wget ", "git clone"];
    const INSTALLS: &[&str] = &[
        "npm ci",
        "npm i",
        "yarn",
        "pnpm i",
        "pip install",
        "bundle install",
        "composer install",
        "mod download",
    ];
    let lines: Vec<&str> = stage.commands.iter().filter_map(command_line).collect();
    let says = |words: &[&str]| lines.iter().any(|line| words.iter().any(|word| line.contains(word)));
    if lines.is_empty() {
        "files"
    } else if says(BUILDS) {
        "build"
    } else if says(INSTALLS) {
        "deps"
    } else if says(FETCHES) {
        "download"
    } else {
        "build"
    }
}

/// What a RUN runs.
fn command_line(command: &Command) -> Option<&str> {
    if let Effect::Run(ran) = &command.effect { ran.line.arguments.last().map(Cow::as_ref) } else { None }
}

/// The short form of an image.
fn familiar(source: &Source) -> Option<&str> {
    if let Source::Image { familiar, .. } = source { Some(familiar) } else { None }
}

/// The language of the image that a stage starts from, in a short word.
fn language(graph: &StageGraph, stage: &Stage) -> Option<&'static str> {
    const LANGUAGES: &[(&str, &str)] = &[
        ("golang", "go"),
        ("rust", "rust"),
        ("node", "node"),
        ("bun", "node"),
        ("python", "python"),
        ("uv", "python"),
        ("maven", "java"),
        ("gradle", "java"),
        ("openjdk", "java"),
        ("eclipse-temurin", "java"),
        ("amazoncorretto", "java"),
        ("ruby", "ruby"),
        ("php", "php"),
        ("composer", "php"),
        ("sdk", "dotnet"),
        ("elixir", "elixir"),
        ("swift", "swift"),
        ("gcc", "c"),
    ];
    let name = familiar(graph.base_source(stage.id)?)?.rsplit('/').next()?.split([':', '@']).next()?;
    LANGUAGES.iter().find(|(image, _)| *image == name).map(|(_, language)| *language)
}

/// `name`, or one like it, that nothing in the file has yet.
pub(crate) fn free_name_like(graph: &StageGraph, name: &str) -> String {
    let taken = taken(graph);
    let mut candidates = std::iter::once(name.to_owned()).chain((2..).map(|n| format!("{name}-{n}")));
    candidates.find(|name| !taken.contains(name.as_str())).unwrap_or_default()
}

/// Names a stage that has no name, and writes the name wherever its number stands. `None` if it has one, the FROM
/// cannot be read, or the comment above it would have to be about the name.
pub fn name_stage(
    text: &str,
    parse: &Parse<'_>,
    graph: &StageGraph,
    stage: StageId,
    name: &str,
) -> Option<Vec<TextEdit>> {
    let named = graph.stages.get(stage.0).filter(|stage| stage.name.is_none())?;
    let from = parse.instructions.get(named.steps.first()?.instruction)?;
    let [base] = &from.args[..] else { return None };
    // Where descriptions are checked, what stands above would become a wrong one.
    let asks = |it: &str| it.contains("experimental");
    let is_checked = parse.detected.check.as_ref().is_some_and(|it| asks(&it.value))
        || from.comments.iter().any(|comment| asks(comment));
    if is_checked && !from.comments.is_empty() {
        return None;
    }
    let keyword = super::lines::in_case_of(&from.keyword.text, "AS");
    let mut edits = vec![TextEdit::insert(base.range.end, format!(" {keyword} {name}"))];
    for edge in graph.edges.iter().filter(|edge| edge.from == Node::Stage(stage)) {
        edits.extend(reference_range(text, parse, graph, edge).map(|range| TextEdit::replace(range, name)));
    }
    Some(edits)
}
