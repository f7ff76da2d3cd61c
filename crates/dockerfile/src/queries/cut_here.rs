//! A Dockerfile that ends at one instruction, to look inside what is there at that point.
//!
//! Of the text everything up to the instruction stays as it is, so the build does the same steps and takes them from
//! the cache where the whole build has been run before. The last stage is the default target; it gets a name if it
//! has none, since a name is what people ask a build for.

use super::base_card::Fact;
use super::command_line::{Builder, given, shell_word};
use super::runtime::{Finding, runtime};
use crate::edit;
use crate::refactor::{free_name, name_stage};
use crate::stages::{self, BuildOptions, StageGraph, StageId};
use crate::syntax::{self, Parse};

/// A Dockerfile that ends at one instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CutHere {
    /// Its text.
    pub dockerfile: String,
    /// The name of its last stage; `None` if it cannot be given one.
    pub target: Option<String>,
    /// The shell that a container of it has.
    pub shell: Finding<String>,
}

/// A command, and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What it does, in a few words.
    pub title: &'static str,
    /// The command line.
    pub line: String,
    /// What else there is to know, in a sentence.
    pub note: Option<String>,
}

/// The name of the file in the commands.
pub const FILE_NAME: &str = "Dockerfile.cut";
/// The name of the image in the commands, and of the folder that its files go to.
const IMAGE: &str = "cut-here";

/// The Dockerfile `text` up to a row of a stage; `None` if there is no such row. `parse` and `graph` are what it and
/// `options` come to.
pub fn cut_here(
    text: &str,
    parse: &Parse<'_>,
    graph: &StageGraph,
    options: &BuildOptions,
    stage: StageId,
    step: usize,
) -> Option<CutHere> {
    let asked = graph.stages.get(stage.0)?;
    let end = asked.steps.get(step)?.range.end;
    let target = match &asked.name {
        Some(name) => Some((name.clone(), Vec::new())),
        None => {
            let name = free_name(graph, stage);
            let mut edits = name_stage(text, parse, graph, stage, &name).unwrap_or_default();
            // What refers to the stage stands below it.
            edits.retain(|edit| edit.range.end <= end);
            (!edits.is_empty()).then_some((name, edits))
        }
    };
    let (target, edits) = target.unzip();
    let mut dockerfile = edit::apply(text.get(..end)?, &edits.unwrap_or_default())?;
    dockerfile.push('\n');
    let cut = syntax::parse(&dockerfile);
    let options = BuildOptions { target: target.clone(), ..options.clone() };
    let shell = runtime(&stages::resolve(&cut, &options), stage)?.shell;
    Some(CutHere { dockerfile, target, shell })
}

impl CutHere {
    /// What to type to build it and to look inside, where it is saved as [`FILE_NAME`].
    pub fn commands(&self, builder: Builder, options: &BuildOptions) -> Vec<Command> {
        let build = |more: &[&str]| {
            let mut words = vec![builder.program().to_owned(), format!("-f {FILE_NAME}")];
            words.extend(self.target.iter().map(|target| format!("--target {}", shell_word(target))));
            words.extend(given(options, builder));
            words.extend(more.iter().map(|word| (*word).to_owned()));
            words.push(".".to_owned());
            words.join(" ")
        };
        let run = match builder {
            Builder::Docker | Builder::Buildx | Builder::Legacy => "docker",
            Builder::Podman | Builder::Buildah => "podman",
        };
        // A builder of its own keeps what it builds unless it is told otherwise.
        let tag: &[&str] = match builder {
            Builder::Buildx => &["--load", "-t cut-here"],
            Builder::Docker | Builder::Podman | Builder::Buildah | Builder::Legacy => &["-t cut-here"],
        };
        let mut commands = vec![Command { title: "Build up to here", line: build(tag), note: None }];
        let shell = match &self.shell.fact {
            Fact::Is(path) => Some(path.as_str()),
            Fact::Nothing => None,
            Fact::Unknown => Some("sh"),
        };
        let note = (!self.shell.certain).then(|| format!("{}.", self.shell.why));
        commands.extend(shell.map(|shell| Command {
            title: "Look around in it",
            line: format!("{run} run --rm -it --entrypoint {} {IMAGE}", shell_word(shell)),
            note,
        }));
        let list = format!("{run} export \"$({run} create {IMAGE} none)\" | tar -t");
        commands.push(match builder {
            Builder::Legacy => Command { title: "List its files", line: list, note: None },
            Builder::Docker | Builder::Buildx | Builder::Podman | Builder::Buildah => Command {
                title: "Copy its files into a folder",
                line: build(&["--output cut-here"]),
                note: shell
                    .is_none()
                    .then(|| format!("There is no shell to look around with: {}.", self.shell.why)),
            },
        });
        commands
    }
}
