//! What the core says of a build context, against what an engine receives and copies of it.
//!
//! The cases are the core's own: each ignore file and each template in a build of `COPY . /`, and of the contexts those
//! that are copied into nothing else. The image is exported, so that its files can be seen.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use dockerfile::context::{BuildContext, ContextFile, Outcome, TEMPLATES, transfer};
use dockerfile::queries::ledger::{How, Shape, ledger_with};
use dockerfile::queries::{self, Target};
use dockerfile::stages::{self, BuildOptions, Effect, Source, SourceId};
use dockerfile::syntax;

use crate::engine::Engine;
use crate::folder;

/// A Dockerfile and the context of its build.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) dockerfile: String,
    pub(crate) target: Option<String>,
    pub(crate) context: BuildContext,
}

/// The files of an image, or what one of BuildKit's messages says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    Files(BTreeSet<String>),
    Refused(Vec<String>),
}

/// All that can be compared.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, text) in texts("ignore") {
        let blocks = text.split("\n\n").enumerate();
        cases.extend(blocks.filter_map(|(nth, block)| of_block(format!("{name} {}", nth + 1), block)));
    }
    cases.extend(texts("context").into_iter().filter_map(|(name, text)| of_sections(name, &text)));
    cases.extend(TEMPLATES.iter().filter_map(|template| {
        let (name, dockerfile) = (format!("template {}", template.id), "FROM scratch\nCOPY . /\n".to_owned());
        Case { name, dockerfile, target: None, context: template.context() }.with_ignore_file()
    }));
    cases
}

/// How a build of a case ends, as the core has it; `None` if that cannot be compared.
pub(crate) fn foretold(case: &Case) -> Option<End> {
    let graph = stages::resolve(&syntax::parse(&case.dockerfile), &BuildOptions::default());
    let cut = queries::cut(&graph, &Target::from_name(case.target.as_deref())).ok()?;
    let is_known = |source: &Source| matches!(source, Source::Context | Source::Scratch);
    let runs = |effect: &Effect| matches!(effect, Effect::Run(_));
    let mut commands = graph.stages.iter().flat_map(|stage| &stage.commands);
    if !graph.sources.iter().all(is_known) || commands.any(|command| runs(&command.effect)) {
        return None;
    }
    let source = graph.sources.iter().position(|source| *source == Source::Context)?;
    let transfer = transfer(&graph, &cut, SourceId(source), &case.context);
    let mut refusals: Vec<String> = transfer.refusal.iter().map(|(_, message)| message.clone()).collect();
    if refusals.is_empty() {
        let outcomes = transfer.takers.iter().flat_map(|taken| &taken.sources).map(|source| &source.outcome);
        refusals.extend(outcomes.filter_map(|outcome| match outcome {
            Outcome::Fails { message, .. } => Some(message.clone()),
            Outcome::Takes | Outcome::Nothing => None,
        }));
    }
    if !refusals.is_empty() {
        return Some(End::Refused(refusals));
    }
    let ledger = ledger_with(&graph, &cut, Some(&case.context));
    let mut files = BTreeSet::new();
    for entry in &ledger.entries {
        let node = ledger.node(entry.node)?;
        if node.makings.iter().any(|making| matches!(making.how, How::Unpack | How::Fetch)) {
            return None;
        }
        if node.shape == Shape::File {
            files.insert(node.path.trim_start_matches('/').to_owned());
        }
    }
    Some(End::Files(files))
}

/// How it ends, with an engine.
pub(crate) fn seen(engine: &Engine, case: &Case) -> Result<End, String> {
    let root = folder::of_context(case).map_err(|why| why.to_string())?;
    let image = root.join("image");
    match engine.export(&root, case.target.as_deref(), &image)? {
        None => files(&image).map(End::Files).map_err(|why| why.to_string()),
        Some(message) => Ok(End::Refused(vec![message])),
    }
}

impl End {
    /// Whether the engine's own frontend does not know a flag yet.
    pub(crate) fn is_of_older_frontend(&self) -> bool {
        matches!(self, End::Refused(said) if said.iter().any(|it| it.contains("unknown flag")))
    }

    /// Whether an engine ends like this. A message has gaps, and the engine may say more.
    pub(crate) fn is(&self, seen: &End) -> bool {
        match (self, seen) {
            (End::Files(told), End::Files(seen)) => told == seen,
            (End::Refused(told), End::Refused(seen)) => seen.iter().all(|seen| {
                told.iter().any(|told| {
                    let mut rest = Some(seen.as_str());
                    told.split('…').for_each(|part| {
                        rest = rest.and_then(|rest| rest.split_once(part)).map(|(_, rest)| rest);
                    });
                    rest.is_some()
                })
            }),
            (End::Files(_), End::Refused(_)) | (End::Refused(_), End::Files(_)) => false,
        }
    }
}

/// A block of an ignore file and paths.
fn of_block(name: String, block: &str) -> Option<Case> {
    let lines = || block.lines().filter(|line| !line.starts_with('#'));
    let written = lines().filter_map(|line| line.strip_prefix('|'));
    let written: Vec<&str> = written.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    let paths = lines().filter(|line| !line.starts_with('|')).filter_map(|line| line.split_once(' '));
    let paths = paths.map(|(_, rest)| rest.split_once(" @").map_or(rest, |(path, _)| path));
    let mut paths: BTreeSet<&str> = paths.collect();
    // Where one is in another, that is a directory.
    let all = paths.clone();
    paths
        .retain(|path| !all.iter().any(|it| it.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))));
    let context = BuildContext {
        ignore: Some(written.join("\n")),
        files: Some(paths.into_iter().map(sized).collect()),
        is_partial: false,
    };
    let case = Case { name, dockerfile: "FROM scratch\nCOPY . /\n".to_owned(), target: None, context };
    case.with_ignore_file()
}

/// A case of a context.
fn of_sections(name: String, text: &str) -> Option<Case> {
    let section = |name: &str| {
        let start = text.find(&format!("== {name}\n"))? + name.len() + 4;
        let body = &text[start..];
        Some(body.find("== ").map_or(body, |end| &body[..end]))
    };
    let path = |line: &str| match line.split_once(' ') {
        Some((size, path)) if size.bytes().all(|it| it.is_ascii_digit()) => path.to_owned(),
        _ => line.to_owned(),
    };
    // Of a listing that has gaps, a disk has nothing to say.
    let files: BTreeSet<String> =
        section("files").filter(|it| !it.contains('…'))?.lines().map(path).collect();
    let context = BuildContext {
        ignore: section(".dockerignore").map(str::to_owned),
        files: Some(files.iter().map(|path| sized(path)).collect()),
        is_partial: false,
    };
    let target = section("target").map(|target| target.trim_end().to_owned());
    Case { name, dockerfile: section("Dockerfile")?.to_owned(), target, context }.with_ignore_file()
}

impl Case {
    /// The same with the ignore file among the files, as it is on a disk.
    fn with_ignore_file(mut self) -> Option<Case> {
        let files = self.context.files.as_mut()?;
        files.retain(|file| file.path != ".dockerignore");
        if self.context.ignore.is_some() {
            files.push(sized(".dockerignore"));
        }
        let can_be = |file: &ContextFile| {
            let mut parts = file.path.trim_end_matches('/').split('/');
            parts.all(|part| !matches!(part, "" | "." | "..") && part.len() < 256)
        };
        files.iter().all(can_be).then_some(self)
    }
}

/// How large it is, nobody asks.
fn sized(path: &str) -> ContextFile {
    ContextFile { path: path.to_owned(), size: Some(1) }
}

/// The cases in a folder of the core.
fn texts(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dockerfile/test_data").join(folder);
    let paths = fs::read_dir(folder).expect("the cases are there").map(|entry| entry.expect("a case").path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|it| it == "txt")).collect();
    paths.sort();
    let name = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), fs::read_to_string(path).expect("a case"))).collect()
}

/// The files below a folder.
fn files(root: &Path) -> std::io::Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    found.extend(path.strip_prefix(root).map(|path| path.to_string_lossy().into_owned()));
                }
            }
        }
    }
    Ok(found)
}
