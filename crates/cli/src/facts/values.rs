//! What instructions come to once variables are put in.

use dockerfile::stages::mount::{self, MountType};
use dockerfile::stages::{Copied, Effect};
use protocol::facts::{Command, Content, Expanded, FileOperation, Mount};

use super::stages::mount_facts;

/// What is known of the commands of a stage.
#[derive(Clone, Copy)]
pub(super) struct Told {
    /// What they come to: BuildKit takes in all stages of the file.
    pub(super) values: bool,
    /// What they do: it can build the stage.
    pub(super) operations: bool,
}

/// Adds what the instruction comes to. `has_heredoc` says whether it is a RUN that has one.
pub(super) fn add(command: &mut Command, effect: &Effect, told: Told, has_heredoc: bool) {
    if told.operations {
        operations(command, effect, has_heredoc);
    }
    if told.values {
        values(command, effect);
    }
}

fn values(command: &mut Command, effect: &Effect) {
    match effect {
        Effect::Copy(copied) => copy(command, copied),
        Effect::Run(ran) => command.mounts_expanded = ran.mounts.iter().map(expanded_mount).collect(),
        Effect::Env(values) | Effect::Label(values) => {
            let pairs = values.iter().map(|(key, value)| (key.to_string(), Some(value.to_string())));
            command.expanded = Some(Expanded::Pairs(pairs.collect()));
        }
        Effect::Arg(args) => {
            let pairs =
                args.iter().map(|arg| (arg.name.to_string(), arg.value.as_deref().map(str::to_owned)));
            command.expanded = Some(Expanded::Pairs(pairs.collect()));
        }
        Effect::Workdir { value, .. } | Effect::User(value) | Effect::Stopsignal(value) => {
            command.expanded = Some(Expanded::Text(value.clone()));
        }
        Effect::Volume(words) | Effect::Expose(words) => {
            command.expanded = Some(Expanded::Words(words.clone()));
        }
        Effect::Shell(_)
        | Effect::Cmd(_)
        | Effect::Entrypoint(_)
        | Effect::Healthcheck(_)
        | Effect::Onbuild(_)
        | Effect::Maintainer(_)
        | Effect::Nothing => {}
    }
}

fn copy(command: &mut Command, copied: &Copied) {
    let inline = copied.contents.iter().map(|inline| format!("<<{}", inline.name));
    command.sources = Some(copied.sources.iter().cloned().chain(inline).collect());
    command.dest = Some(copied.destination.clone());
    command.contents = copied
        .contents
        .iter()
        .map(|inline| Content { path: inline.name.clone(), data: inline.data.clone() })
        .collect();
}

fn operations(command: &mut Command, effect: &Effect, has_heredoc: bool) {
    match effect {
        Effect::Copy(copied) => {
            let copies = copied
                .files
                .iter()
                .map(|file| FileOperation::Copy { src: file.source.clone(), dest: file.destination.clone() });
            command.file_ops = Some(copies.collect());
        }
        Effect::Workdir { makes, .. } => {
            command.file_ops =
                makes.as_ref().map(|mkdir| vec![FileOperation::MakeDirectory { mkdir: mkdir.clone() }]);
        }
        Effect::Run(ran) => {
            command.cwd = Some(ran.workdir.to_string());
            command.user = Some(ran.user.to_string());
            command.exec_args = has_heredoc.then(|| ran.line.to_texts());
        }
        Effect::Env(_)
        | Effect::Label(_)
        | Effect::Arg(_)
        | Effect::User(_)
        | Effect::Volume(_)
        | Effect::Stopsignal(_)
        | Effect::Expose(_)
        | Effect::Shell(_)
        | Effect::Cmd(_)
        | Effect::Entrypoint(_)
        | Effect::Healthcheck(_)
        | Effect::Onbuild(_)
        | Effect::Maintainer(_)
        | Effect::Nothing => {}
    }
}

fn expanded_mount(mount: &mount::Mount) -> Mount {
    let facts = mount_facts(mount);
    // BuildKit: a cache without `from` starts from something called scratch.
    let scratch = || (mount.kind == MountType::Cache).then(|| "scratch".to_owned());
    Mount { from_raw: facts.from_raw.clone().or_else(scratch), ..facts }
}
