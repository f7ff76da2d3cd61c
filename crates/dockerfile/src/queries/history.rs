//! How directory, user, shell, environment and arguments change from row to row: [`super::state_at`] for all rows
//! at once, told as changes.
//!
//! Surprising: a stage that is FROM another one does not repeat what it starts with, so that the whole takes no
//! more room than the file. Only the directory depends on what was in force before, since it may be relative.

use super::state::{Setting, State, Variable, directory_after, shown_directory};
use crate::stages::{ArgValue, Command, Effect, Stage, StageGraph, StageId, Start};

/// What is in force in a stage, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// What is in force before its first instruction.
    pub start: Beginning,
    /// What changes, in order.
    pub changes: Vec<Change>,
}

/// What a stage starts with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// What another stage has come to, ARGs included.
    Stage(StageId),
    /// These settings.
    Known(Vec<Changed>),
    /// Whatever the base image says, which nobody has told.
    Unknown,
}

/// A row that sets something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The row in [`Stage::steps`]; 0 for a trigger of the base.
    pub step: usize,
    /// What it sets.
    pub changed: Changed,
}

/// What is set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named after its instruction")]
pub enum Changed {
    Env {
        name: String,
        value: String,
    },
    /// `None` for one that nothing sets.
    Arg {
        name: String,
        value: Option<String>,
    },
    Workdir(Setting<String>),
    User(String),
    Shell(Vec<String>),
}

/// The history of every stage. Takes time in proportion to the file.
pub fn histories(graph: &StageGraph) -> Vec<History> {
    let mut histories: Vec<History> = Vec::with_capacity(graph.stages.len());
    let mut directories: Vec<Setting<String>> = Vec::with_capacity(graph.stages.len());
    for stage in &graph.stages {
        let (start, mut directory) = match &stage.start {
            Start::Stage(base) => (Beginning::Stage(*base), directories[base.0].clone()),
            Start::Empty | Start::Image(_) | Start::UnknownImage => begin(stage),
        };
        let mut changes = Vec::new();
        for command in &stage.commands {
            let set = |changed| Change { step: command.step, changed };
            changes.extend(changed(stage, command, &mut directory).into_iter().map(set));
        }
        histories.push(History { start, changes });
        directories.push(directory);
    }
    histories
}

fn begin(stage: &Stage) -> (Beginning, Setting<String>) {
    let state = State::start(stage, false);
    let directory = state.workdir.value;
    if state.base_unknown {
        return (Beginning::Unknown, directory);
    }
    let env = state.env.into_iter();
    let mut settings: Vec<Changed> = env
        .map(|Variable { name, value, .. }| Changed::Env { name, value: value.unwrap_or_default() })
        .collect();
    if let Setting::Known(user) = state.user.value
        && !user.is_empty()
    {
        settings.push(Changed::User(user));
    }
    if let Setting::Known(shell) = state.shell.value
        && !shell.is_empty()
    {
        settings.push(Changed::Shell(shell));
    }
    if matches!(&directory, Setting::Known(path) if !path.is_empty()) {
        settings.push(Changed::Workdir(shown_directory(stage, directory.clone())));
    }
    (Beginning::Known(settings), directory)
}

fn changed(stage: &Stage, command: &Command, directory: &mut Setting<String>) -> Vec<Changed> {
    match &command.effect {
        Effect::Env(pairs) => {
            let pairs = pairs.iter();
            pairs.map(|it| Changed::Env { name: it.0.to_string(), value: it.1.to_string() }).collect()
        }
        Effect::Arg(args) => {
            let changed = |arg: &ArgValue| Changed::Arg {
                name: arg.name.to_string(),
                value: arg.value.as_deref().map(str::to_owned),
            };
            args.iter().map(changed).collect()
        }
        Effect::Workdir { value, path, .. } => {
            *directory = directory_after(directory, value, path);
            vec![Changed::Workdir(shown_directory(stage, directory.clone()))]
        }
        Effect::User(user) => vec![Changed::User(user.clone())],
        Effect::Shell(shell) => vec![Changed::Shell(shell.clone())],
        Effect::Copy(_)
        | Effect::Run(_)
        | Effect::Label(_)
        | Effect::Volume(_)
        | Effect::Stopsignal(_)
        | Effect::Expose(_)
        | Effect::Cmd(_)
        | Effect::Entrypoint(_)
        | Effect::Healthcheck(_)
        | Effect::Onbuild(_)
        | Effect::Maintainer(_)
        | Effect::Nothing => Vec::new(),
    }
}
