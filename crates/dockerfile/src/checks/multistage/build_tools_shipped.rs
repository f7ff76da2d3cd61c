//! Compilers and headers in the image that ships: they were needed to build, and hardly are to run.
//!
//! Surprising: what the same RUN removes again is not in the image at all, so that is fine. An image without a program,
//! or with a shell, a script or a build program as its program, may itself be a tool, and is left alone.

use super::runs::{Run, name, runs};
use crate::checks::{File, Findings, Level, Rule};
use crate::queries::ledger::{Deed, ShellCommand, VIRTUAL};
use crate::stages::{CommandLine, Effect, Stage};

pub(super) static RULE: Rule = Rule {
    name: "BuildToolsShipped",
    description: "Compilers and headers are in the image that ships",
    level: Level::Warning,
    page: include_str!("build_tools_shipped.md"),
    find: Some(find),
    ..Rule::OURS
};

/// How many tools are named.
const MAX_NAMES: usize = 4;

fn find(file: &File<'_>, acc: &mut Findings<'_>) {
    let shipped = file.shipped();
    let candidates = shipped.iter().flat_map(|stage| runs(file, stage));
    let mut candidates = candidates.filter(|run| installs_tools(run)).peekable();
    if candidates.peek().is_none() || !is_for_programs(file, shipped) {
        return;
    }
    for run in candidates {
        let tools = tools(&run.commands(file));
        let Some(first) = tools.first() else { continue };
        let range = file.find(run.stage.id, run.step, first);
        let names = listed(&tools);
        let message = format!("{names} ship in the image, and are likely not needed to run it");
        let help = match file.graph.stages.len() {
            1 => "Build in a stage of its own, and copy what comes of it; or remove them in the same RUN",
            _ => {
                "Move this to a stage that builds, and copy what comes of it; or remove them in the same RUN"
            }
        };
        acc.add(&RULE, run.row(), range, message).help(help);
    }
}

/// Whether a RUN, at a quick look, installs packages of the system and names a tool.
fn installs_tools(run: &Run<'_>) -> bool {
    if !run.mentions(&["install", " add ", "pacman"]) {
        return false;
    }
    let is_verb =
        |word: &str| matches!(word, "install" | "add" | "groupinstall" | "-S" | "-Sy" | "-Syu" | "-Syyu");
    run.words().skip_while(|word| !is_verb(word)).any(is_tool)
}

/// Whether a package is there to build others.
fn is_tool(package: &str) -> bool {
    // A version follows behind one of these.
    let is_end = |it: u8| matches!(it, b'=' | b'~' | b'<' | b'>' | b':' | b'@' | b'/');
    let name = &package[..package.bytes().position(is_end).unwrap_or(package.len())];
    match name {
        "gcc"
        | "g++"
        | "gcc-c++"
        | "clang"
        | "make"
        | "cmake"
        | "build-essential"
        | "build-base"
        | "alpine-sdk"
        | "base-devel"
        | "automake"
        | "autoconf"
        | "libtool"
        | "ninja-build"
        | "meson"
        | "rustc"
        | "cargo"
        | "golang"
        | "golang-go"
        | "maven"
        | "gradle"
        | "bison"
        | "flex"
        | "linux-headers"
        | "gfortran"
        | "default-jdk"
        | "default-jdk-headless"
        | "pkg-config"
        | "pkgconf"
        | "nasm"
        | "yasm" => true,
        _ => {
            let is_headers = name.ends_with("-dev") || name.ends_with("-devel");
            // Version suffixes: `gcc-12`, `clang-15`.
            let is_versioned = ["gcc-", "g++-", "clang-"].iter().any(|it| {
                name.strip_prefix(it)
                    .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|it| it.is_ascii_digit()))
            });
            is_headers || is_versioned
        }
    }
}

/// The tools that are still there when a RUN ends.
fn tools(commands: &[ShellCommand]) -> Vec<String> {
    let mut tools: Vec<(String, Option<String>)> = Vec::new();
    for command in commands {
        let words = &command.words;
        let is_system = matches!(
            words.first().map(|it| name(it)),
            Some(
                "apk"
                    | "apt"
                    | "apt-get"
                    | "aptitude"
                    | "dnf"
                    | "yum"
                    | "microdnf"
                    | "tdnf"
                    | "zypper"
                    | "pacman"
            )
        );
        if !is_system {
            continue;
        }
        let has = |names: &[&str]| words.iter().any(|word| names.contains(&word.as_str()));
        if has(&["autoremove", "autopurge", "--auto-remove", "--autoremove", "-Rs", "-Rns"]) {
            tools.clear();
            continue;
        }
        let mut group = None;
        for deed in &command.deeds {
            if let Deed::Installs { manager, name, .. } = deed {
                if *manager == VIRTUAL {
                    group = Some(name);
                } else if is_tool(name) {
                    tools.push((name.clone(), group.cloned()));
                }
            } else if let Deed::Uninstalls { name, .. } = deed {
                let is_gone = |it: &str| it == name || name.contains('*');
                tools.retain(|(tool, group)| !is_gone(tool) && !group.as_deref().is_some_and(is_gone));
            }
        }
    }
    let mut names: Vec<String> = tools.into_iter().map(|(name, _)| name).collect();
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    // Headers of one library may be there for its own sake; a compiler never is alone.
    let is_compiler = |name: &String| !name.ends_with("-dev") && !name.ends_with("-devel");
    let is_little = |name: &String| matches!(name.as_str(), "make" | "pkg-config" | "pkgconf");
    if names.iter().all(is_little) || !names.iter().any(is_compiler) && names.len() < 2 {
        names.clear();
    }
    names
}

fn listed(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(MAX_NAMES).map(String::as_str).collect();
    match (&shown[..], names.len() - shown.len()) {
        ([one], 0) => format!("The package {one} and what it needs"),
        ([rest @ .., last], 0) => format!("{} and {last}", rest.join(", ")),
        (shown, more) => format!("{} and {more} more tools", shown.join(", ")),
    }
}

/// Whether the image is there to run a program, and not to build or to be worked in.
fn is_for_programs<'f>(file: &File<'f>, shipped: &[&'f Stage]) -> bool {
    let Some(target) = shipped.last() else { return false };
    let is_workshop = target.name.as_deref().is_some_and(|name| {
        let parts = [
            "dev",
            "test",
            "e2e",
            "integration",
            "build",
            "ci",
            "sdk",
            "debug",
            "lint",
            "tool",
            "compil",
            "base",
            "check",
            "bench",
        ];
        name.split(['-', '_', '.']).any(|word| parts.iter().any(|part| word.starts_with(part)))
    });
    let is_container = shipped.first().is_some_and(|stage| {
        let base = &stage.base_expanded;
        base.contains("devcontainer") || COMPILE_WHILE_RUNNING.iter().any(|it| base.contains(it))
    });
    let mut runs = shipped.iter().flat_map(|stage| runs(file, stage));
    if is_workshop || is_container || runs.any(|run| run.mentions(COMPILE_WHILE_RUNNING)) {
        return false;
    }
    let (mut entrypoint, mut cmd) = (None, None);
    for (_, effect) in shipped.iter().flat_map(|stage| file.effects(stage)) {
        if let Effect::Entrypoint(line) = effect {
            (entrypoint, cmd) = (line.as_ref(), None);
        } else if let Effect::Cmd(line) = effect {
            cmd = Some(line);
        }
    }
    (entrypoint.is_some() || cmd.is_some())
        && ![entrypoint, cmd].into_iter().flatten().any(is_workshop_program)
}

/// Whether a program is a shell, one that compiles, or a script, which may do either.
fn is_workshop_program(line: &CommandLine) -> bool {
    let words: Vec<&str> = match line.arguments.as_slice() {
        [shell, option, script] if option.ends_with('c') && shell.ends_with("sh") => {
            script.split_whitespace().collect()
        }
        words => words.iter().map(|it| &**it).collect(),
    };
    let wraps = |it: &&str| matches!(*it, "exec" | "tini" | "dumb-init" | "--" | "env");
    let Some(program) = words.iter().map(|it| name(it)).find(|it| !wraps(it)) else { return true };
    let is_script = |it: &&str| {
        ["sh", "entrypoint", "compile", "build", "--version", "--help", "supervisord"]
            .iter()
            .any(|end| it.ends_with(end))
    };
    WORKSHOP.contains(&program) || words.iter().any(is_script)
}

/// Programs of images that are there to build, or to be worked in.
const WORKSHOP: &[&str] = &[
    "R",
    "air",
    "ant",
    "cabal",
    "cargo",
    "cat",
    "clang",
    "clj",
    "cmake",
    "cmd",
    "cp",
    "crystal",
    "echo",
    "fish",
    "g++",
    "gcc",
    "ghci",
    "go",
    "gradle",
    "gradlew",
    "iex",
    "irb",
    "julia",
    "jupyter",
    "lein",
    "login",
    "ls",
    "make",
    "mvn",
    "mvnw",
    "nim",
    "ninja",
    "nimble",
    "powershell",
    "pwsh",
    "pytest",
    "rake",
    "reflex",
    "rustc",
    "sbt",
    "sleep",
    "sshd",
    "stack",
    "tail",
    "tar",
    "tox",
    "true",
    "zig",
];

/// What compiles while it runs, for the processor that draws.
const COMPILE_WHILE_RUNNING: &[&str] = &["torch", "vllm", "triton", "cuda", "cupy", "jax", "numba"];
