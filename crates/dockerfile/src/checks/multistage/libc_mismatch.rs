//! A program that is linked to one C library, in an image that has another or none: it does not start.
//!
//! Surprising: the message then is "no such file or directory", which means the loader. Go links to a C library only
//! where a C compiler is at hand and nobody forbids it, so `golang:1.25` does and `golang:1.25-alpine` does not.

use super::copies::{Copying, copied, copies, is_in};
use super::runs::{Run, name, runs, variables};
use super::systems::{Libc, base, card, lineage};
use crate::checks::{File, Finding, Findings, Level, Rule};
use crate::edit::{Fix, TextEdit};
use crate::queries::BaseCard;
use crate::queries::ledger::{Deed, ShellCommand};
use crate::stages::{Source, Stage, StageId};

pub(super) static RULE: Rule = Rule {
    name: "LibcMismatch",
    description: "A program is linked to a C library that the image does not have",
    level: Level::Warning,
    page: include_str!("libc_mismatch.md"),
    find: Some(find),
    mend: Some(mend),
    ..Rule::OURS
};

/// A command that links to the C library of its stage.
struct Linked {
    row: (StageId, usize),
    /// The compiler's words, as they stand in the RUN.
    tool: &'static str,
}

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    for &stage in file.shipped() {
        let mut last: Option<Builder<'_>> = None;
        for copying in copies(file, stage) {
            // Most copies in a row are from the same stage.
            let builder = match last.take().filter(|it| it.from == copying.from.id) {
                Some(builder) => builder,
                None => Builder::of(file, stage, copying.from),
            };
            if let Some(mismatch) = &builder.mismatch {
                tell(file, &copying, mismatch, acc);
            }
            last = Some(builder);
        }
    }
}

/// A stage that others copy from, as one of them sees it.
struct Builder<'f> {
    from: StageId,
    mismatch: Option<Mismatch<'f>>,
}

/// What a program of one stage finds in another.
struct Mismatch<'f> {
    needs: Libc,
    has: Libc,
    /// What is known of the two bases.
    from: &'f BaseCard,
    to: &'f BaseCard,
    /// The commands that may link a program, the last one first.
    commands: Vec<(Run<'f>, ShellCommand)>,
}

/// How many commands of a stage are looked at.
const MAX_COMMANDS: usize = 100;

impl<'f> Builder<'f> {
    fn of(file: &'f File<'_>, stage: &'f Stage, from: &'f Stage) -> Builder<'f> {
        Builder { from: from.id, mismatch: Builder::mismatch(file, stage, from) }
    }

    fn mismatch(file: &'f File<'_>, stage: &'f Stage, from: &'f Stage) -> Option<Mismatch<'f>> {
        const COMPILERS: &[&str] = &["go build", "go install", "cargo", "gcc", "g++", "cc ", "c++", "clang"];
        let (builder, runner) = (card(file, from.id)?, card(file, stage.id)?);
        let (needs, has) = (Libc::of(builder)?, Libc::of(runner)?);
        if has == needs || needs == Libc::Nothing {
            return None;
        }
        let all = lineage(file.graph, from.id).flat_map(|stage| {
            let mut all: Vec<Run<'f>> = runs(file, stage).filter(|run| run.mentions(COMPILERS)).collect();
            all.reverse();
            all
        });
        let all: Vec<Run<'f>> = all.take(MAX_COMMANDS).collect();
        if all.is_empty() || brings_libc(file, stage) || is_for_export(file) {
            return None;
        }
        let commands = all.into_iter().flat_map(|run| {
            let commands = run.commands(file).into_iter().rev();
            commands.map(|command| (run, command)).collect::<Vec<_>>()
        });
        let commands = commands.take(MAX_COMMANDS).collect();
        Some(Mismatch { needs, has, from: builder, to: runner, commands })
    }
}

fn tell(file: &File<'_>, copying: &Copying<'_>, mismatch: &Mismatch<'_>, acc: &mut Findings<'_>) {
    let mut files = copying.copied.files.iter();
    let Some((source, linked)) = files.find_map(|it| Some((&it.source, linked(file, mismatch, &it.source)?)))
    else {
        return;
    };
    let base = &mismatch.to.reference;
    let it_has = match mismatch.has {
        Libc::Nothing => format!("{base} has none"),
        Libc::Glibc | Libc::Musl => format!("{base} has {}", mismatch.has.name()),
    };
    let needs = mismatch.needs.name();
    let message = format!("'{}' is likely linked to {needs}, and {it_has}: it does not start", name(source));
    let help = match linked.tool {
        "go build" | "go install" => "Build it with CGO_ENABLED=0, or on a base with the same C library",
        "cargo" => "Build it for a musl target, or ship it on a base with the same C library",
        _ => "Link it with -static, or ship it on a base with the same C library",
    };
    let range = copying.source_range(file, source);
    let built = file.find(linked.row.0, linked.row.1, linked.tool);
    acc.add(&RULE, copying.row(), range, message).help(help).label(built, "this links it");
}

/// Whether the image is no more than a way to hand files out: from scratch, with nothing to run.
fn is_for_export(file: &File<'_>) -> bool {
    let is_empty = file.target().is_some_and(|it| matches!(base(file.graph, it.id), Some(Source::Scratch)));
    is_empty && !file.has_program()
}

/// Whether something in the lineage of a stage brings another C library, or may.
fn brings_libc(file: &File<'_>, stage: &Stage) -> bool {
    lineage(file.graph, stage.id).any(|stage| {
        let installs = runs(file, stage).any(|run| {
            run.words().any(|word| {
                ["libc6-compat", "gcompat", "glibc", "musl"].iter().any(|it| word.contains(it))
                    || word == "ld-linux-x86-64.so.2"
            })
        });
        let is_library = |path: &str| {
            path.starts_with("/lib")
                || path.starts_with("/usr/lib")
                || path.contains("ld-linux")
                || path.contains("ld-musl")
                || path == "/"
        };
        let copies = copied(file, stage).any(|(_, it)| it.files.iter().any(|it| is_library(&it.source)));
        installs || copies
    })
}

/// The command that makes what is copied, if it links that to the C library.
fn linked(file: &File<'_>, mismatch: &Mismatch<'_>, source: &str) -> Option<Linked> {
    let makes = |deed: &Deed| {
        let Deed::Makes { path, .. } = deed else { return false };
        let (start, _) = path.split_once(['*', '{']).unwrap_or((path, ""));
        // A name that is not known is any in its directory.
        let fits = || source.strip_prefix(start).is_some_and(|rest| !rest.contains('/'));
        is_in(path, source) || start.len() < path.len() && fits()
    };
    let (run, command) = mismatch.commands.iter().find(|(_, command)| command.deeds.iter().any(makes))?;
    let tool = links(file, run, command, mismatch.from)?;
    Some(Linked { row: run.row(), tool })
}

/// The compiler, if what it makes needs the C library of the stage when it runs.
fn links(file: &File<'_>, run: &Run<'_>, command: &ShellCommand, base: &BaseCard) -> Option<&'static str> {
    let program = name(command.words.first()?);
    let verb = command.words.get(1).map_or("", String::as_str);
    let says = |parts: &[&str]| run.mentions(parts);
    let env = variables(file, run.row());
    let is_set = |variable: &str| env.contains_key(variable);
    match program {
        "go" if matches!(verb, "build" | "install") => {
            let has_compiler = base.matched.starts_with("golang:") && Libc::of(base) == Some(Libc::Glibc)
                || lineage(file.graph, run.stage.id).any(|stage| {
                    runs(file, stage).any(|run| {
                        run.words().any(|word| {
                            matches!(
                                word,
                                "gcc" | "g++" | "build-base" | "build-essential" | "clang" | "alpine-sdk"
                            )
                        })
                    })
                });
            // Whoever says anything of it knows of it: without C, static, or for another system.
            let is_settled = says(&[
                "CGO_ENABLED",
                "static",
                "netgo",
                "GOARCH",
                "GOOS=windows",
                "GOOS=darwin",
                "GOOS=js",
                "linkmode",
            ]) || is_set("CGO_ENABLED")
                || is_set("GOARCH")
                || is_set("GOFLAGS")
                || command.words.iter().any(|word| {
                    word.contains("static") || word.contains("netgo") || word.starts_with("-buildmode")
                });
            (has_compiler && !is_settled).then_some(if verb == "build" { "go build" } else { "go install" })
        }
        "cargo" if matches!(verb, "build" | "install" | "b") || verb.starts_with('+') => {
            // On musl Rust links everything into the program.
            let is_settled = Libc::of(base) != Some(Libc::Glibc)
                || says(&["musl", "crt-static", "--target", "wasm", "zigbuild"])
                || is_set("CARGO_BUILD_TARGET")
                || env.get("RUSTFLAGS").is_some_and(|it| it.contains("crt-static"))
                || command.words.iter().any(|word| word.contains("musl") || word.starts_with("--target"));
            (!is_settled).then_some("cargo")
        }
        "gcc" | "g++" | "cc" | "c++" | "clang" | "clang++" => {
            let is_static = says(&["-static", "-nostdlib", "-shared", "musl-gcc"])
                || command.words.iter().any(|word| {
                    word.contains("static") || word == "-c" || word == "-nostdlib" || word == "-shared"
                });
            let tool = match program {
                "gcc" => "gcc",
                "g++" => "g++",
                "cc" => "cc",
                "c++" => "c++",
                "clang" => "clang",
                _ => "clang++",
            };
            (!is_static).then_some(tool)
        }
        _ => None,
    }
}

fn mend(file: &File<'_>, finding: &Finding) -> Vec<Fix> {
    let Some(label) = finding.labels.first() else { return Vec::new() };
    if !matches!(label.range.of(file.text), "go build" | "go install") {
        return Vec::new();
    }
    let edit = TextEdit::insert(label.range.start, "CGO_ENABLED=0 ");
    let because = "Packages that need C are left out then, and the build fails where there is no other way";
    vec![Fix::asking("Build it without C", because, vec![edit])]
}
