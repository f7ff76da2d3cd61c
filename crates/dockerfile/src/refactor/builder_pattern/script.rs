//! The script of a builder pattern: which images it builds, and which files it takes out of one for the other.
//!
//! Follows the command lines of `docker build`, `create`, `cp` and `rm`, with or without `container` and `image` in
//! front. A variable that the script does not set is a name like any other, as long as it is the same everywhere.

use crate::queries::ledger::commands_of_lines;
use crate::stages::join_path;

/// Flags of `docker build` and `docker create` that have a value behind them.
const VALUED: &[&str] = &[
    "-t",
    "--tag",
    "-f",
    "--file",
    "--build-arg",
    "--target",
    "--label",
    "--network",
    "--platform",
    "--progress",
    "--cache-from",
    "--cache-to",
    "--name",
    "-v",
    "--volume",
    "-e",
    "--env",
    "-w",
    "--workdir",
    "-u",
    "--user",
    "-o",
    "--output",
    "--secret",
    "--ssh",
    "--entrypoint",
    "-m",
    "--memory",
];

/// A line of the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) number: u32,
    /// As written, with the lines that continue it, on one.
    pub(super) text: String,
    /// What its commands do.
    pub(super) acts: Vec<Act>,
}

/// What a command does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Builds an image.
    Build(Build),
    /// Makes a container of an image.
    Create { name: String, image: String },
    /// Copies a path out of a container.
    TakeOut { container: String, path: String, to: String },
    /// Copies something into a container.
    PutIn,
    /// Removes a container or an image.
    Remove { what: &'static str },
    /// Removes files beside the Dockerfile.
    RemoveFiles(Vec<String>),
    /// Says something.
    Say,
    /// Makes directories.
    MakeDirectory,
    /// Settings of the shell.
    Shell,
    /// Something else.
    Other(String),
}

/// A `docker build`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Build {
    /// The image that it makes.
    pub(super) tag: Option<String>,
    /// The Dockerfile, if it is named.
    pub(super) file: Option<String>,
    /// The build context.
    pub(super) context: String,
    /// The build arguments, `NAME=value` or `NAME`.
    pub(super) args: Vec<String>,
    /// Whether it uses no cache.
    pub(super) no_cache: bool,
    /// The target.
    pub(super) target: Option<String>,
}

/// Reads a script.
pub(super) fn read(script: &str) -> Vec<Line> {
    let mut lines: Vec<(u32, String)> = Vec::new();
    let mut is_continued = false;
    for (idx, line) in script.lines().enumerate() {
        let number = u32::try_from(idx + 1).unwrap_or(u32::MAX);
        let (body, goes_on) = match line.trim_end().strip_suffix('\\') {
            Some(body) => (body.trim(), true),
            None => (line.trim(), false),
        };
        match lines.last_mut().filter(|_| is_continued) {
            Some((_, text)) => {
                text.push(' ');
                text.push_str(body);
            }
            None => lines.push((number, body.to_owned())),
        }
        is_continued = goes_on;
    }
    lines.retain(|(_, text)| !text.is_empty());
    let commands = commands_of_lines(lines.iter().map(|(_, text)| text.as_str()));
    let acts = |commands: Vec<(Vec<String>, String)>| {
        commands.into_iter().map(|(words, text)| act(&words, text)).collect()
    };
    let read = lines.into_iter().zip(commands);
    read.map(|((number, text), commands)| Line { number, text, acts: acts(commands) }).collect()
}

fn act(words: &[String], text: String) -> Act {
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    if words.first() == Some(&"sudo") {
        words.remove(0);
    }
    match words.as_slice() {
        ["docker" | "podman", rest @ ..] => docker(rest, text),
        ["echo" | "printf", ..] => Act::Say,
        ["set" | "cd" | "export" | "exit" | "true" | ":" | "trap", ..] => Act::Shell,
        ["mkdir", ..] => Act::MakeDirectory,
        ["rm", rest @ ..] => {
            let paths = rest.iter().filter(|word| !word.starts_with('-'));
            Act::RemoveFiles(paths.map(|path| local(path)).collect())
        }
        [assignment] if assignment.contains('=') => Act::Shell,
        _ => Act::Other(text),
    }
}

fn docker(words: &[&str], text: String) -> Act {
    match words {
        ["container" | "image" | "buildx", rest @ ..] => docker(rest, text),
        ["build", rest @ ..] => Act::Build(build(rest)),
        ["create" | "run", rest @ ..] => {
            let (flags, names) = split(rest);
            let name = flags.iter().find(|(flag, _)| *flag == "--name").map(|(_, name)| (*name).to_owned());
            match (name, names.first()) {
                (Some(name), Some(image)) => Act::Create { name, image: (*image).to_owned() },
                (None, _) | (_, None) => Act::Other(text),
            }
        }
        ["cp", rest @ ..] => match split(rest).1.as_slice() {
            [from, to] => match from.split_once(':') {
                Some((container, path)) if !container.is_empty() => Act::TakeOut {
                    container: container.to_owned(),
                    path: join_path(&["/", path]),
                    to: (*to).to_owned(),
                },
                Some(_) | None => Act::PutIn,
            },
            _ => Act::Other(text),
        },
        ["rm" | "stop" | "kill", ..] => Act::Remove { what: "container" },
        ["rmi", ..] => Act::Remove { what: "image" },
        _ => Act::Other(text),
    }
}

/// Flags with their values, and the other words.
fn split<'w>(words: &[&'w str]) -> (Vec<(&'w str, &'w str)>, Vec<&'w str>) {
    let (mut flags, mut names) = (Vec::new(), Vec::new());
    let mut words = words.iter().copied();
    while let Some(word) = words.next() {
        match word.split_once('=').filter(|_| word.starts_with('-')) {
            Some(pair) => flags.push(pair),
            None if VALUED.contains(&word) => flags.push((word, words.next().unwrap_or_default())),
            None if word.starts_with('-') && word.len() > 1 => flags.push((word, "")),
            None => names.push(word),
        }
    }
    (flags, names)
}

fn build(words: &[&str]) -> Build {
    let (flags, names) = split(words);
    let value = |long: &str, short: &str| {
        let found = flags.iter().find(|(flag, _)| *flag == long || *flag == short);
        found.map(|(_, value)| (*value).to_owned())
    };
    Build {
        tag: value("--tag", "-t"),
        file: value("--file", "-f"),
        context: names.last().map_or_else(|| ".".to_owned(), |context| (*context).to_owned()),
        args: flags
            .iter()
            .filter(|(flag, _)| *flag == "--build-arg")
            .map(|(_, it)| (*it).to_owned())
            .collect(),
        no_cache: flags.iter().any(|(flag, _)| *flag == "--no-cache"),
        target: value("--target", ""),
    }
}

/// A path beside the Dockerfile, as COPY would name it.
pub(super) fn local(path: &str) -> String {
    join_path(&["/", path]).trim_start_matches('/').to_owned()
}
