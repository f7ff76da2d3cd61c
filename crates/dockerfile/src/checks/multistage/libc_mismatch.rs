//! A program that is linked to one C library, in an image that has another or none: it does not start.
//!
//! Surprising: the message then is "no such file or directory", which means the loader. Go links to a C library only
//! where a C compiler is at hand and nobody forbids it, so `golang:1.25` does and `golang:1.25-alpine` does not.

use super::copies::{Copying, copies, is_in};
use super::runs::{Run, name, runs, variables};
use super::systems::{Libc, card, lineage};
use crate::checks::{File, Finding, Findings, Level, Rule};
use crate::edit::{Fix, TextEdit};
use crate::queries::BaseCard;
use crate::queries::ledger::{Deed, ShellCommand};
use crate::stages::{Effect, Stage, StageId};

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
    for stage in file.shipped() {
        for copying in copies(file, stage) {
            if !compiles(file, copying.from) {
                continue;
            }
            let (Some(from), Some(to)) = (card(file.graph, copying.from.id), card(file.graph, stage.id))
            else {
                continue;
            };
            let (Some(has), Some(needs)) = (Libc::of(&to), Libc::of(&from)) else { continue };
            if has == needs || needs == Libc::Nothing || brings_libc(file, stage) {
                continue;
            }
            let Some((source, linked)) = copying
                .copied
                .files
                .iter()
                .find_map(|it| Some((&it.source, linked(file, &copying, &from, &it.source)?)))
            else {
                continue;
            };
            let program = name(source);
            let it_has = match has {
                Libc::Nothing => format!("{} has none", to.reference),
                Libc::Glibc | Libc::Musl => format!("{} has {}", to.reference, has.name()),
            };
            let message =
                format!("'{program}' is likely linked to {}, and {it_has}: it does not start", needs.name());
            let help = match linked.tool {
                "go build" | "go install" => {
                    "Build it with CGO_ENABLED=0, or on a base with the same C library"
                }
                "cargo" => "Build it for a musl target, or ship it on a base with the same C library",
                _ => "Link it with -static, or ship it on a base with the same C library",
            };
            let range = copying.source_range(file, source);
            let built = file.find(linked.row.0, linked.row.1, linked.tool);
            acc.add(&RULE, copying.row(), range, message).help(help).label(built, "this links it");
        }
    }
}

/// Whether a stage, at a quick look, runs a compiler whose results are linked.
fn compiles(file: &File<'_>, stage: &Stage) -> bool {
    let mut stages = lineage(file.graph, stage.id);
    stages.any(|stage| {
        runs(file, stage).any(|run| {
            run.words().any(|word| {
                matches!(name(word), "go" | "cargo" | "gcc" | "g++" | "cc" | "c++" | "clang" | "clang++")
            })
        })
    })
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
        let copies = file.effects(stage).any(|(_, effect)| match effect {
            Effect::Copy(copied) => copied.files.iter().any(|it| {
                let is_library = |path: &str| {
                    path.starts_with("/lib")
                        || path.starts_with("/usr/lib")
                        || path.contains("ld-linux")
                        || path.contains("ld-musl")
                        || path == "/"
                };
                is_library(&it.source)
            }),
            _ => false,
        });
        installs || copies
    })
}

/// The command that makes what is copied, if it links that to the C library.
fn linked(file: &File<'_>, copying: &Copying<'_>, base: &BaseCard, source: &str) -> Option<Linked> {
    for stage in lineage(file.graph, copying.from.id) {
        let all: Vec<Run<'_>> = runs(file, stage).collect();
        for run in all.into_iter().rev() {
            for command in run.commands(file).iter().rev() {
                let makes = command.deeds.iter().any(|deed| match deed {
                    Deed::Makes { path, .. } => {
                        let (start, _) = path.split_once(['*', '{']).unwrap_or((path, ""));
                        let is_pattern = start.len() < path.len();
                        // A name that is not known is any in its directory.
                        is_in(path, source)
                            || is_pattern && source.starts_with(start) && !source[start.len()..].contains('/')
                    }
                    _ => false,
                });
                if makes {
                    let tool = links(file, &run, command, base)?;
                    return Some(Linked { row: run.row(), tool });
                }
            }
        }
    }
    None
}

/// The compiler, if what it makes needs the C library of the stage when it runs.
fn links(file: &File<'_>, run: &Run<'_>, command: &ShellCommand, base: &BaseCard) -> Option<&'static str> {
    let program = name(command.words.first()?);
    let verb = command.words.get(1).map_or("", String::as_str);
    let says = |parts: &[&str]| run.texts().any(|text| parts.iter().any(|part| text.contains(part)));
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
