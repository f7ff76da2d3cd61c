//! Through each stage, instruction by instruction: what its variables and its directory are at that point,
//! what it takes from the build context and from afar, and what BuildKit objects to when it gets there.
//!
//! Follows `dispatch` of `dockerfile2llb`. The environment is carried along, and from a stage into those that
//! are FROM it. Surprising: COPY and ADD read their sources only when the stage is built, so what is wrong
//! with them harms only targets that need the stage.

mod copy;
mod run;
mod settings;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::rc::Rc;

use super::args::{Environments, GlobalScope, ScopeId};
use super::bases::{Base, Bases, DraftStage, SUBSTITUTION_HELP, error};
use super::expand::Expansion;
use super::references::{Reference, References, Referent};
use super::resolve::{DraftEdge, Origin};
use super::{
    BuildOptions, Command, Content, EdgeKind, Effect, Source, StageError, StageId, Start, Trigger, When, go,
    steps, values,
};
use crate::syntax::{self, Instruction, InstructionKind, Phase, SyntaxError, Word};
use crate::text::TextRange;

pub use copy::is_heredoc_marker;
pub(crate) use settings::image_directory;

/// What the walk found out about a stage.
#[derive(Default)]
pub(super) struct Walked {
    /// For each row whether it executes; the FROM does not.
    pub(super) executes: Vec<bool>,
    pub(super) triggers: Vec<Trigger>,
    pub(super) context_paths: Vec<String>,
    pub(super) start: Start,
    pub(super) commands: Vec<Command>,
    /// The working directory at the end; `None` if none was ever set.
    workdir: Option<Rc<str>>,
    /// The user at the end; `None` if none was ever set.
    user: Option<Rc<str>>,
    /// The shell at the end, or empty.
    shell: Vec<String>,
    /// Whether the base image may have a shell of its own.
    shell_unknown: bool,
}

/// The result of the walk.
pub(super) struct Walk<'b, 'p> {
    bases: &'b Bases<'p>,
    globals: &'b GlobalScope,
    references: &'b mut References,
    escape: char,
    options: &'b BuildOptions,
    environments: Environments,
    /// The working directory where none is set.
    root: Rc<str>,
    /// The user where none is set.
    nobody: Rc<str>,
    /// Variables that the command at hand uses and only the base image could have set.
    unknown: BTreeSet<String>,
    pub(super) stages: Vec<Walked>,
    pub(super) edges: Vec<DraftEdge>,
    pub(super) errors: Vec<StageError>,
}

/// An instruction and the place where it shows: its own row, or for a trigger the FROM.
struct Here<'i, 'p> {
    stage: StageId,
    row: usize,
    instruction: &'i Instruction<'p>,
    /// The FROM of the stage if a trigger runs.
    from: Option<&'i Instruction<'p>>,
    scope: ScopeId,
}

/// What comes along an edge; the fields are those of [`super::Edge`].
struct Flow {
    origin: Origin,
    kind: EdgeKind,
    range: TextRange,
    broken: bool,
    carries: bool,
    paths: Vec<String>,
}

/// Walks through all stages, whether needed or not.
pub(super) fn walk<'b, 'p>(
    bases: &'b Bases<'p>,
    globals: &'b GlobalScope,
    references: &'b mut References,
    escape: char,
    options: &'b BuildOptions,
) -> Walk<'b, 'p> {
    let mut walk = Walk {
        bases,
        globals,
        references,
        escape,
        options,
        environments: Environments::default(),
        root: "/".into(),
        nobody: "".into(),
        unknown: BTreeSet::new(),
        stages: Vec::with_capacity(bases.stages.len()),
        edges: Vec::new(),
        errors: Vec::new(),
    };
    for stage_idx in 0..bases.stages.len() {
        walk.stage(StageId(stage_idx));
    }
    walk
}

impl<'b, 'p> Walk<'b, 'p> {
    fn stage(&mut self, id: StageId) {
        let stage = &self.bases.stages[id.0];
        let base = match &stage.base {
            Some(Base::Stage(base)) => Some(*base),
            Some(Base::Source(_)) | None => None,
        };
        let is_windows = stage.effective_platform.os == "windows";
        let start = self.start(stage);
        let scope = match base {
            Some(base) => self.environments.open_on(ScopeId(base.0)),
            None => self.environments.open(&start, is_windows),
        };
        let triggers = match (&start, base) {
            (Start::Image(config), _) => config.onbuild.iter().map(|it| (id, 0, it.clone())).collect(),
            (Start::Stage(_) | Start::Empty | Start::UnknownImage, Some(base)) => onbuild(self.bases, base),
            (Start::Stage(_) | Start::Empty | Start::UnknownImage, None) => Vec::new(),
        };
        let mut opened = self.opened(start, base, is_windows);
        opened.executes.reserve_exact(stage.commands.len() + 1);
        opened.executes.push(false);
        opened.commands.reserve_exact(stage.commands.len() + triggers.len());
        self.stages.push(opened);
        for (base, step, expression) in triggers {
            self.trigger(id, base, step, expression, scope);
        }
        for (row, instruction) in stage.commands.iter().enumerate() {
            let here = Here { stage: id, row: row + 1, instruction, from: None, scope };
            let references = self.references.take_row(id, row + 1);
            let executes = match stage.replaced {
                true => self.idle(&here, &references),
                false => self.instruction(&here, &references, None),
            };
            self.stages[id.0].executes.push(executes);
        }
    }

    fn start(&self, stage: &DraftStage<'_>) -> Start {
        let image = |reference: &str| {
            let config = self.options.base_config(reference).cloned();
            config.map_or(Start::UnknownImage, |it| Start::Image(Box::new(it)))
        };
        match &stage.base {
            Some(Base::Stage(id)) => Start::Stage(*id),
            Some(Base::Source(Source::Scratch)) | None => Start::Empty,
            Some(Base::Source(Source::Image { reference, .. })) => image(reference),
            Some(Base::Source(Source::NamedContext { value, content, .. })) => match content {
                Content::Image { reference, .. } => image(reference),
                Content::Layout => image(value),
                // BuildKit: in the place of an image, files are like scratch; in the place of a stage they have no
                // configuration at all.
                Content::Empty | Content::Directory | Content::Git | Content::Url if stage.replaced => {
                    Start::Image(Box::default())
                }
                Content::Empty | Content::Directory | Content::Git | Content::Url => Start::Empty,
            },
            Some(Base::Source(Source::Context | Source::Remote(_) | Source::Invalid(_))) => {
                Start::UnknownImage
            }
        }
    }

    /// A stage before its first instruction.
    fn opened(&self, start: Start, base: Option<StageId>, is_windows: bool) -> Walked {
        let mut opened = Walked::default();
        match (&start, base.map(|id| &self.stages[id.0])) {
            (_, Some(base)) => {
                opened.workdir = base.workdir.clone();
                opened.user = base.user.clone();
                opened.shell = base.shell.clone();
                opened.shell_unknown = base.shell_unknown;
            }
            (Start::Image(config), None) => {
                opened.workdir = Some(image_directory(&config.workdir, is_windows).into())
                    .filter(|it: &Rc<str>| !it.is_empty());
                opened.user = Some(config.user.as_str().into());
                opened.shell = config.shell.clone();
            }
            (Start::UnknownImage, None) => opened.shell_unknown = true,
            (Start::Empty | Start::Stage(_), None) => {}
        }
        opened.start = start;
        opened
    }

    /// Runs what an ONBUILD of the base has kept. It is read anew, and what is wrong with it belongs to the FROM.
    fn trigger(&mut self, id: StageId, base: StageId, step: usize, expression: String, scope: ScopeId) {
        let stage = &self.bases.stages[id.0];
        let parse = syntax::parse_trigger(&expression);
        let Some(instruction) = parse.instructions.first() else { return };
        let here = Here { stage: id, row: 0, instruction, from: Some(stage.from), scope };
        let references = match parse.first_error() {
            Some(error) => {
                self.references.errors.push(error.clone());
                Vec::new()
            }
            None => self.references.of_instruction(instruction, self.bases, self.escape),
        };
        let References { errors, invalid, unusable, .. } = &mut *self.references;
        let found = errors.drain(..).chain(invalid.drain(..)).chain(unusable.drain(..));
        let range = stage.base_range;
        self.errors.extend(found.map(|error| StageError {
            stage: id,
            when: When::Triggers,
            error: SyntaxError { phase: Phase::Convert, lines: vec![stage.from.lines], range, ..error },
        }));
        if stage.replaced {
            self.idle(&here, &references);
            return;
        }
        let kind = instruction.kind;
        let index = self.stages[id.0].triggers.len();
        let executes = self.instruction(&here, &references, Some(index));
        self.stages[id.0].triggers.push(Trigger { stage: base, step, expression, kind, executes });
    }

    /// Takes in an instruction of a stage that a named context stands in for. It never runs, but BuildKit has seen
    /// what it refers to.
    fn idle(&mut self, here: &Here<'_, '_>, references: &[Reference]) -> bool {
        let kind = match here.instruction.kind {
            InstructionKind::Run => EdgeKind::Mount,
            _ => EdgeKind::Copy,
        };
        let is_written = |it: &&Reference| !it.text.is_empty() || matches!(it.referent, Referent::Stage(_));
        for reference in references.iter().filter(is_written) {
            let (origin, range) = (reference.referent.clone().into(), reference.range);
            let broken = self.is_refused(here, reference);
            self.edge(here, Flow { origin, kind, range, broken, carries: false, paths: Vec::new() });
        }
        false
    }

    /// Takes one instruction in; says whether it executes.
    fn instruction(&mut self, here: &Here<'_, '_>, references: &[Reference], trigger: Option<usize>) -> bool {
        let n_errors = self.errors.len();
        let effect = self.effect(here, references);
        let executes = match (&effect, here.instruction.kind) {
            (Effect::Workdir { makes, .. }, _) => makes.is_some(),
            (_, InstructionKind::Workdir) => false,
            (_, kind) => steps::may_execute(kind),
        };
        let failed = here.instruction.broken || self.errors.len() > n_errors;
        let effect = if failed { Effect::Nothing } else { effect };
        let unknown = std::mem::take(&mut self.unknown).into_iter().collect();
        self.stages[here.stage.0].commands.push(Command { step: here.row, trigger, effect, unknown });
        executes
    }

    fn effect(&mut self, here: &Here<'_, '_>, references: &[Reference]) -> Effect {
        match here.instruction.kind {
            InstructionKind::Add | InstructionKind::Copy => self.copy(here, references.first()),
            InstructionKind::Run => self.run(here, references),
            InstructionKind::Workdir => self.workdir(here),
            InstructionKind::Arg => self.arg(here),
            InstructionKind::Env => {
                // All words see the environment before the instruction.
                let pairs = self.pairs(here);
                for (key, value) in &pairs {
                    self.environments.set(here.scope, key, value);
                }
                Effect::Env(pairs)
            }
            InstructionKind::Label => Effect::Label(self.pairs(here)),
            InstructionKind::Expose => self.expose(here),
            InstructionKind::Stopsignal => {
                let mut values = self.check_each(here, values::signal);
                values.pop().map_or(Effect::Nothing, Effect::Stopsignal)
            }
            InstructionKind::Volume => Effect::Volume(self.check_each(here, |path| {
                path.is_empty().then(|| "VOLUME specified can not be an empty string".to_owned())
            })),
            InstructionKind::User => {
                let Some(user) = self.check_each(here, |_| None).pop() else { return Effect::Nothing };
                self.stages[here.stage.0].user = Some(user.as_str().into());
                Effect::User(user)
            }
            InstructionKind::Shell => {
                let shell = settings::texts(here.instruction);
                self.stages[here.stage.0].shell.clone_from(&shell);
                self.stages[here.stage.0].shell_unknown = false;
                Effect::Shell(shell)
            }
            InstructionKind::Cmd => Effect::Cmd(self.command_line(here)),
            InstructionKind::Entrypoint => {
                let is_empty = here.instruction.args.is_empty() && here.instruction.json;
                Effect::Entrypoint((!is_empty).then(|| self.command_line(here)))
            }
            InstructionKind::Healthcheck => Effect::Healthcheck(settings::health(here.instruction)),
            InstructionKind::Onbuild => {
                Effect::Onbuild(here.instruction.expression.clone().unwrap_or_default())
            }
            InstructionKind::Maintainer => Effect::Maintainer(settings::texts(here.instruction).concat()),
            InstructionKind::From | InstructionKind::Unknown => Effect::Nothing,
        }
    }

    /// Whether the reference points to a stage that is not built yet when it is read.
    fn is_forward(&self, here: &Here<'_, '_>, reference: &Reference) -> bool {
        matches!(reference.referent, Referent::Stage(id) if id > here.stage)
    }

    /// Whether the reference can never work: no valid image, or the stage itself (which a trigger may use).
    fn is_refused(&self, here: &Here<'_, '_>, reference: &Reference) -> bool {
        match &reference.referent {
            Referent::Stage(id) => *id == here.stage && here.from.is_none(),
            Referent::Source(source) => matches!(source, Source::Invalid(_)),
        }
    }

    /// Notes that paths are taken from the build context.
    fn note_context(&mut self, here: &Here<'_, '_>, kind: EdgeKind, range: TextRange, paths: Vec<String>) {
        self.stages[here.stage.0].context_paths.extend(paths.iter().cloned());
        let origin = Origin::Source(Source::Context);
        self.edge(here, Flow { origin, kind, range, broken: false, carries: true, paths });
    }

    fn edge(&mut self, here: &Here<'_, '_>, flow: Flow) {
        let Flow { origin, kind, range, broken, carries, paths } = flow;
        let trigger = here.from.is_some();
        let range = if trigger { self.bases.stages[here.stage.0].base_range } else { range };
        let (to, step) = (here.stage, here.row);
        self.edges.push(DraftEdge { origin, to, step, kind, range, broken, trigger, carries, paths });
    }

    /// Expands a word; reports why it cannot be.
    fn expand<'w>(&mut self, here: &Here<'_, '_>, word: &'w Word<'_>) -> Option<Cow<'w, str>> {
        match self.environments.expand(here.scope, &word.text, self.escape) {
            Ok(expansion) => {
                self.note_unknown(here, &expansion);
                Some(expansion.text)
            }
            Err(message) => {
                self.fail(here, word.range, message, Some(SUBSTITUTION_HELP));
                None
            }
        }
    }

    /// Keeps the variables that only the base image could have set.
    fn note_unknown(&mut self, here: &Here<'_, '_>, expansion: &Expansion<'_>) {
        if expansion.unset.is_empty() && expansion.used.is_empty() {
            return;
        }
        let names = expansion.unset.iter().chain(&expansion.used).copied();
        self.unknown.extend(self.environments.unknown(here.scope, names));
    }

    fn fail(&mut self, here: &Here<'_, '_>, range: TextRange, message: String, help: Option<&str>) {
        self.fail_with(here, range, message, help, None);
    }

    fn fail_with(
        &mut self,
        here: &Here<'_, '_>,
        range: TextRange,
        message: String,
        help: Option<&str>,
        suggestion: Option<String>,
    ) {
        if here.instruction.broken {
            return;
        }
        // An error of a trigger belongs to the FROM that runs it.
        let (instruction, range) = match here.from {
            Some(from) => (from, self.bases.stages[here.stage.0].base_range),
            None => (here.instruction, range),
        };
        let error = SyntaxError { suggestion, ..error(instruction, range, message, help.map(str::to_owned)) };
        self.errors.push(StageError { stage: here.stage, when: When::Instructions, error });
    }
}

/// What to do about a reference to a stage further down.
pub(crate) const FORWARD_HELP: &str = "Stages are built from top to bottom; move that stage above this one";

/// What ONBUILD of a stage leaves to the next, with the rows.
fn onbuild(bases: &Bases<'_>, id: StageId) -> Vec<(StageId, usize, String)> {
    let commands = bases.stages[id.0].commands.iter().enumerate().filter(|(_, it)| !it.broken);
    commands.filter_map(|(row, it)| Some((id, row + 1, it.expression.clone()?))).collect()
}

/// The path as BuildKit asks the context for it.
fn rooted(path: &str) -> String {
    go::join_path(&["/", path])
}
