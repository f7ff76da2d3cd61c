//! A day of a developer: what a row of edits costs, so that two orders of the same instructions can be compared.
//!
//! Costs are units as in [`super::Forecast::cost`]. What is edited is guessed from the file: which language it builds is seen by the
//! files that it copies and the programs that it runs.

use std::collections::BTreeSet;

use super::{Build, Changes, FileChange, Files, MovedImage, Outputs, What, what_if};
use crate::queries::plan::{Op, Outside, Vertex};
use crate::stages::join_path;

/// Something that a developer does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What it is, in words.
    pub title: String,
    /// How often it is done.
    pub times: usize,
    /// What it changes.
    pub changes: Changes,
}

/// A language as its files show it: what says which dependencies there are, a source, and programs that install.
struct Language {
    manifests: &'static [&'static str],
    source: &'static str,
    programs: &'static [&'static str],
}

const LANGUAGES: &[Language] = &[
    Language { manifests: &["go.mod"], source: "main.go", programs: &["go "] },
    Language {
        manifests: &["package.json"],
        source: "src/index.js",
        programs: &["npm", "yarn", "pnpm", "bun ", "node"],
    },
    Language {
        manifests: &["requirements.txt", "pyproject.toml", "Pipfile", "setup.py"],
        source: "app/main.py",
        programs: &["pip", "poetry", "uv ", "python"],
    },
    Language { manifests: &["Cargo.toml"], source: "src/main.rs", programs: &["cargo"] },
    Language {
        manifests: &["pom.xml", "build.gradle", "build.gradle.kts"],
        source: "src/main/java/App.java",
        programs: &["mvn", "gradle"],
    },
    Language { manifests: &["Gemfile"], source: "app/app.rb", programs: &["bundle", "gem "] },
    Language { manifests: &["composer.json"], source: "src/index.php", programs: &["composer", "php"] },
    Language { manifests: &["mix.exs"], source: "lib/app.ex", programs: &["mix "] },
    Language { manifests: &["app.csproj"], source: "Program.cs", programs: &["dotnet"] },
    Language {
        manifests: &["CMakeLists.txt", "Makefile"],
        source: "src/main.c",
        programs: &["cmake", "make", "gcc", "g++", "cc "],
    },
];

/// What each of the edits costs, done once.
pub fn day(build: Build<'_>, edits: &[Edit], outputs: Outputs) -> Vec<usize> {
    edits.iter().map(|edit| what_if(build, build, &edit.changes, outputs).cost).collect()
}

/// What a developer may do to the project in a day: edit a source eight times, take in a dependency, and get newer
/// base images. Only what the target takes at all.
pub fn day_of_a_developer(build: Build<'_>) -> Vec<Edit> {
    let mut needed = Vec::new();
    build.plan.visit(build.cut.target, |id| needed.push(id));
    let vertices = || needed.iter().map(|&id| &build.plan.vertices[id]);
    let takes = |path: &&str| vertices().any(|vertex| takes(build, vertex, path));
    let runs = |program: &&str| {
        let mut arguments = vertices().filter_map(|vertex| match &vertex.op {
            Op::Run(running) => Some(&running.ran.line.arguments),
            Op::Source(_)
            | Op::Document { .. }
            | Op::CacheDirectory
            | Op::Mkdir { .. }
            | Op::Copy(_)
            | Op::Merge { .. } => None,
        });
        arguments.any(|arguments| arguments.iter().any(|argument| argument.contains(*program)))
    };
    let is_spoken = |language: &&Language| language.programs.iter().any(&runs);
    let language = LANGUAGES.iter().filter(is_spoken).find(|it| it.manifests.iter().any(&takes));
    let manifest = language.and_then(|it| it.manifests.iter().copied().find(takes));
    let source = language.map(|it| it.source).filter(|path| takes(path)).map(str::to_owned);
    let source = source.or_else(|| vertices().find_map(|vertex| any_source(build, vertex, manifest)));
    let mut edits = Vec::new();
    if let Some(path) = source {
        edits.push(Edit { title: format!("Edit {path}"), times: 8, changes: file(path) });
    }
    if let Some(path) = manifest {
        let title = format!("Add a dependency to {path}");
        edits.push(Edit { title, times: 1, changes: file(path.to_owned()) });
    }
    let images: BTreeSet<&str> = vertices().filter_map(base_image).collect();
    if !images.is_empty() {
        let title = if images.len() == 1 { "Get a newer base image" } else { "Get newer base images" };
        let moved = |reference: &str| MovedImage { reference: reference.to_owned(), files: Files::Unknown };
        let images = images.into_iter().map(moved).collect();
        edits.push(Edit {
            title: title.to_owned(),
            times: 1,
            changes: Changes { images, ..Changes::default() },
        });
    }
    edits
}

/// The image that a stage is FROM.
fn base_image<'v>(vertex: &'v Vertex<'_>) -> Option<&'v str> {
    let Op::Source(Outside::Image { reference, .. }) = &vertex.op else { return None };
    vertex.place.map(|_| reference.as_str())
}

fn file(path: String) -> Changes {
    let files = vec![FileChange { context: None, path, what: What::Content }];
    Changes { files, ..Changes::default() }
}

/// Whether a vertex takes a file of the build context.
fn takes(build: Build<'_>, vertex: &Vertex<'_>, path: &str) -> bool {
    let Op::Copy(copying) = &vertex.op else { return false };
    let is_context = |from: usize| build.plan.vertices[from].context() == Some(None);
    let wanted = super::wanted::Wanted::of_copy(copying);
    let mut reads = copying.reads.iter().zip(&wanted);
    let path = join_path(&["/", path]);
    reads.any(|(read, wanted)| read.from.is_some_and(is_context) && wanted.holds(&path))
        && !super::solve::is_ignored(build.ignore, path.trim_start_matches('/'))
}

/// A file that a vertex takes from the build context and that is no `manifest`.
fn any_source(build: Build<'_>, vertex: &Vertex<'_>, manifest: Option<&str>) -> Option<String> {
    let Op::Copy(copying) = &vertex.op else { return None };
    let mut paths = copying.reads.iter().flat_map(|read| {
        let path = read.path.trim_start_matches('/').replace(['*', '?'], "x");
        let name = path.rsplit('/').next().unwrap_or_default();
        let is_folder = !name.contains('.') || path.is_empty();
        [path.clone(), if is_folder { join_path(&[&path, "main.c"]) } else { path }].into_iter().rev()
    });
    paths.find(|path| !path.is_empty() && Some(path.as_str()) != manifest && takes(build, vertex, path))
}
