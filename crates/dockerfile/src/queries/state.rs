//! What is in force at a row: environment, arguments, directory, user, shell, and the rest of the image's
//! configuration, each with the instruction it comes from.
//!
//! Follows `dockerfile2llb`, where a stage starts with all that the stage it is FROM has come to, save for the
//! ONBUILD instructions. Surprising: ENTRYPOINT takes away a CMD that an earlier stage or the base image has set.

use std::collections::HashSet;
use std::rc::Rc;

use super::lineage;
use crate::stages::args::DEFAULT_PATH;
use crate::stages::{
    ArgValue, BaseConfig, Command, CommandLine, Effect, Health, Stage, StageGraph, StageId, Start,
    image_directory, join_path, ports,
};

/// A value that the base image may have a say in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting<T> {
    /// The value.
    Known(T),
    /// Whatever the base image says, which nobody has told.
    FromBase,
    /// What the file says, to which the base image adds: more entries of a list, the directory that a relative
    /// one starts from, the shell of a command line (the default shell is given).
    OnBase(T),
}

/// A value and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// The instruction that set it; `None` if none did.
    pub origin: Option<Origin>,
}

/// The place of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The stage it runs in.
    pub stage: StageId,
    /// The row in [`Stage::steps`]; 0 for a trigger of the base.
    pub step: usize,
}

/// A name and a value, with their origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The name.
    pub name: String,
    /// The value; `None` for an ARG that nothing sets.
    pub value: Option<String>,
    /// The instruction that set it; `None` if none did.
    pub origin: Option<Origin>,
}

/// All that is in force at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Whether the configuration of the base image is unknown.
    pub base_unknown: bool,
    /// The environment of the image, in its order.
    pub env: Vec<Variable>,
    /// ARGs, in order of declaration, each name once.
    pub args: Vec<Variable>,
    /// Labels, in order.
    pub labels: Vec<Variable>,
    /// The working directory; empty if none is set, which means `/`.
    pub workdir: Placed<Setting<String>>,
    /// The user; empty if none is set.
    pub user: Placed<Setting<String>>,
    /// The shell; empty if none is set.
    pub shell: Placed<Setting<Vec<String>>>,
    /// The default command.
    pub cmd: Placed<Setting<Option<Vec<String>>>>,
    /// The program.
    pub entrypoint: Placed<Setting<Option<Vec<String>>>>,
    /// The stop signal; empty if none is set.
    pub stopsignal: Placed<Setting<String>>,
    /// The health check.
    pub healthcheck: Placed<Setting<Option<Health>>>,
    /// Ports, in order of first mention.
    pub ports: Vec<Placed<String>>,
    /// Volumes, likewise.
    pub volumes: Vec<Placed<String>>,
    /// Triggers for the stages built on it.
    pub onbuild: Vec<Placed<String>>,
    /// Whether CMD stands in this very stage.
    cmd_is_own: bool,
    /// The values of `ports` and of `volumes`: there may be many.
    seen_ports: HashSet<String>,
    seen_volumes: HashSet<String>,
}

/// What is in force once the given row of a stage is done; row 0 is the FROM with the triggers it runs. `None` if
/// there is no such stage.
pub fn state_at(graph: &StageGraph, stage: StageId, step: usize) -> Option<State> {
    let lineage = lineage(graph, stage);
    let mut state = State::start(lineage.first()?, lineage.len() == 1);
    let (stage, below) = lineage.split_last()?;
    for stage in below {
        state.run(stage, usize::MAX);
    }
    state.run(stage, step);
    Some(state)
}

/// The row of the instruction that a line belongs to, or that comes before it; `None` above the first FROM.
pub fn row_at(graph: &StageGraph, line: u32) -> Option<(StageId, usize)> {
    let stages = &graph.stages;
    let stage = stages.partition_point(|stage| stage.lines.first <= line).checked_sub(1)?;
    let steps = &stages[stage].steps;
    let step = steps.partition_point(|step| step.lines.first <= line).checked_sub(1)?;
    Some((StageId(stage), step))
}

/// What is in force at the end of a stage.
pub fn end_state(graph: &StageGraph, stage: StageId) -> Option<State> {
    state_at(graph, stage, usize::MAX)
}

impl State {
    /// The state that a stage starts with; `is_all` if no stage is built on it.
    pub(super) fn start(stage: &Stage, is_all: bool) -> State {
        let mut state = match &stage.start {
            Start::Image(config) => State::of_image(config, stage.effective_platform.os == "windows"),
            Start::UnknownImage => State::with(true, Vec::new()),
            Start::Empty | Start::Stage(_) => State {
                workdir: Placed { value: Setting::Known("/".to_owned()), origin: None },
                ..State::with(false, Vec::new())
            },
        };
        let has_path = state.env.iter().any(|variable| variable.name == "PATH");
        // On Windows BuildKit leaves the variable to the system.
        let adds_path = match &stage.start {
            Start::Image(_) | Start::Empty | Start::Stage(_) => stage.effective_platform.os != "windows",
            Start::UnknownImage => false,
        };
        // BuildKit adds it to what it builds; a named context is taken as it is.
        let has_path = has_path || stage.replaced && is_all;
        if adds_path && !has_path {
            let value = Some(DEFAULT_PATH.to_owned());
            state.env.push(Variable { name: "PATH".to_owned(), value, origin: None });
        }
        state
    }

    fn with(unknown: bool, env: Vec<Variable>) -> State {
        fn unset<T>(unknown: bool, value: T) -> Placed<Setting<T>> {
            let value = if unknown { Setting::FromBase } else { Setting::Known(value) };
            Placed { value, origin: None }
        }
        State {
            base_unknown: unknown,
            env,
            args: Vec::new(),
            labels: Vec::new(),
            workdir: unset(unknown, String::new()),
            user: unset(unknown, String::new()),
            shell: unset(unknown, Vec::new()),
            cmd: unset(unknown, None),
            entrypoint: unset(unknown, None),
            stopsignal: unset(unknown, String::new()),
            healthcheck: unset(unknown, None),
            ports: Vec::new(),
            volumes: Vec::new(),
            onbuild: Vec::new(),
            cmd_is_own: false,
            seen_ports: HashSet::new(),
            seen_volumes: HashSet::new(),
        }
    }

    fn of_image(config: &BaseConfig, is_windows: bool) -> State {
        let variables = |pairs: &[(String, String)]| {
            let pairs = pairs.iter().cloned();
            pairs.map(|(name, value)| Variable { name, value: Some(value), origin: None }).collect()
        };
        let placed =
            |texts: &[String]| texts.iter().cloned().map(|value| Placed { value, origin: None }).collect();
        fn known<T: Clone>(value: &T) -> Placed<Setting<T>> {
            Placed { value: Setting::Known(value.clone()), origin: None }
        }
        State {
            labels: variables(&config.labels),
            workdir: known(&image_directory(&config.workdir, is_windows)),
            user: known(&config.user),
            shell: known(&config.shell),
            cmd: known(&config.cmd),
            entrypoint: known(&config.entrypoint),
            stopsignal: known(&config.stopsignal),
            healthcheck: known(&config.healthcheck),
            ports: placed(&config.ports),
            volumes: placed(&config.volumes),
            seen_ports: config.ports.iter().cloned().collect(),
            seen_volumes: config.volumes.iter().cloned().collect(),
            ..State::with(false, variables(&config.env))
        }
    }

    /// Runs a stage up to a row, that included.
    fn run(&mut self, stage: &Stage, last: usize) {
        self.onbuild.clear();
        self.cmd_is_own = false;
        for command in stage.commands.iter().filter(|command| command.step <= last) {
            self.apply(command, Origin { stage: stage.id, step: command.step });
        }
        let Placed { value, origin } = self.workdir.clone();
        self.workdir = Placed { value: shown_directory(stage, value), origin };
    }

    fn apply(&mut self, command: &Command, origin: Origin) {
        match &command.effect {
            Effect::Env(pairs) => {
                pairs.iter().for_each(|(name, value)| put(&mut self.env, name, Some(value), origin))
            }
            Effect::Label(pairs) => {
                pairs.iter().for_each(|(name, value)| put(&mut self.labels, name, Some(value), origin));
            }
            Effect::Arg(args) => {
                for ArgValue { name, value, .. } in args {
                    put(&mut self.args, name, value.as_ref(), origin);
                }
            }
            Effect::Workdir { value, path, .. } => {
                let value = directory_after(&self.workdir.value, value, path);
                self.workdir = Placed { value, origin: Some(origin) };
            }
            Effect::User(user) => self.user = set(user.clone(), origin),
            Effect::Shell(shell) => self.shell = set(shell.clone(), origin),
            Effect::Stopsignal(signal) => self.stopsignal = set(signal.clone(), origin),
            Effect::Healthcheck(health) => self.healthcheck = set(Some(health.clone()), origin),
            Effect::Cmd(line) => {
                self.cmd = set_line(Some(line), origin);
                self.cmd_is_own = true;
            }
            Effect::Entrypoint(line) => {
                self.entrypoint = set_line(line.as_ref(), origin);
                if !self.cmd_is_own {
                    self.cmd = set(None, origin);
                }
            }
            Effect::Expose(words) => add(&mut self.ports, &mut self.seen_ports, &ports(words), origin),
            Effect::Volume(volumes) => add(&mut self.volumes, &mut self.seen_volumes, volumes, origin),
            Effect::Onbuild(text) => {
                self.onbuild.push(Placed { value: text.clone(), origin: Some(origin) });
            }
            Effect::Copy(_) | Effect::Run(_) | Effect::Maintainer(_) | Effect::Nothing => {}
        }
    }
}

/// The directory after a WORKDIR that sets `value`, which makes it `path` unless the base image has a say.
pub(super) fn directory_after(before: &Setting<String>, value: &str, path: &str) -> Setting<String> {
    match before {
        Setting::OnBase(below) if !is_absolute(value) => Setting::OnBase(join_path(&[below, value])),
        Setting::FromBase if !is_absolute(value) => Setting::OnBase(join_path(&[value])),
        Setting::Known(_) | Setting::OnBase(_) | Setting::FromBase => Setting::Known(path.to_owned()),
    }
}

/// The directory as the platform shows it: Windows does so with backslashes.
pub(super) fn shown_directory(stage: &Stage, directory: Setting<String>) -> Setting<String> {
    let shown = |path: String| match stage.effective_platform.os == "windows" {
        true => path.replace('/', "\\"),
        false => path,
    };
    match directory {
        Setting::Known(path) => Setting::Known(shown(path)),
        Setting::OnBase(path) => Setting::OnBase(shown(path)),
        Setting::FromBase => Setting::FromBase,
    }
}

fn set<T>(value: T, origin: Origin) -> Placed<Setting<T>> {
    Placed { value: Setting::Known(value), origin: Some(origin) }
}

fn set_line(line: Option<&CommandLine>, origin: Origin) -> Placed<Setting<Option<Vec<String>>>> {
    let arguments = line.map(CommandLine::to_texts);
    let value = match line.is_some_and(|line| line.shell_unknown) {
        true => Setting::OnBase(arguments),
        false => Setting::Known(arguments),
    };
    Placed { value, origin: Some(origin) }
}

/// Sets a variable at the place where it stands, or at the end.
fn put(variables: &mut Vec<Variable>, name: &str, value: Option<&Rc<str>>, origin: Origin) {
    let (value, origin) = (value.map(|it| it.to_string()), Some(origin));
    match variables.iter_mut().find(|variable| variable.name == name) {
        Some(variable) => (variable.value, variable.origin) = (value, origin),
        None => variables.push(Variable { name: name.to_owned(), value, origin }),
    }
}

/// Adds what is not there yet.
fn add(list: &mut Vec<Placed<String>>, seen: &mut HashSet<String>, values: &[String], origin: Origin) {
    for value in values {
        if seen.insert(value.clone()) {
            list.push(Placed { value: value.clone(), origin: Some(origin) });
        }
    }
}

/// Whether a directory stands for itself, on Linux or on Windows.
fn is_absolute(path: &str) -> bool {
    path.starts_with(['/', '\\']) || path.as_bytes().get(1) == Some(&b':')
}
