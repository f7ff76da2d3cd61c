//! What instructions come to once variables are put in.

use dockerfile::stages::{Copied, Effect, Ran};
use protocol::facts::{Command, Content, Expanded, FileOperation, Mount};

use super::stages::mount_facts;

/// Adds what the instruction comes to. `has_heredoc` says whether it is a RUN that has one.
pub(super) fn add(command: &mut Command, effect: &Effect, has_heredoc: bool) {
    match effect {
        Effect::Copy(copied) => copy(command, copied),
        Effect::Run(ran) => run(command, ran, has_heredoc),
        Effect::Env(values) | Effect::Label(values) => {
            let pairs = values.iter().map(|(key, value)| (key.clone(), Some(value.clone())));
            command.expanded = Some(Expanded::Pairs(pairs.collect()));
        }
        Effect::Arg(args) => {
            let pairs = args.iter().map(|arg| (arg.name.clone(), arg.value.clone()));
            command.expanded = Some(Expanded::Pairs(pairs.collect()));
        }
        Effect::Workdir { value, makes, .. } => {
            command.expanded = Some(Expanded::Text(value.clone()));
            command.file_ops =
                makes.as_ref().map(|mkdir| vec![FileOperation::MakeDirectory { mkdir: mkdir.clone() }]);
        }
        Effect::User(value) | Effect::Stopsignal(value) => {
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
    let operations = copied
        .files
        .iter()
        .map(|file| FileOperation::Copy { src: file.source.clone(), dest: file.destination.clone() });
    command.file_ops = Some(operations.collect());
}

fn run(command: &mut Command, ran: &Ran, has_heredoc: bool) {
    command.mounts_expanded =
        ran.mounts.iter().map(|mount| Mount { from: None, ..mount_facts(mount) }).collect();
    command.cwd = Some(ran.workdir.clone());
    command.user = Some(ran.user.clone());
    command.exec_args = has_heredoc.then(|| ran.line.arguments.clone());
}
