//! Through each stage, instruction by instruction: what its variables and its directory are at that point,
//! what it takes from the build context and from afar, and what BuildKit objects to when it gets there.
//!
//! Follows `dispatch` of `dockerfile2llb`. The environment is carried along, and from a stage into those that
//! are FROM it. Surprising: COPY and ADD read their sources only when the stage is built, so what is wrong
//! with them harms only targets that need the stage.

mod copy;
mod run;

use super::args::{Environments, GlobalScope, ScopeId};
use super::bases::{Base, Bases, SUBSTITUTION_HELP, error};
use super::references::{Reference, References, Referent};
use super::resolve::{DraftEdge, Origin};
use super::{EdgeKind, Source, StageError, StageId, Trigger, When, go, steps, values};
use crate::syntax::{self, Instruction, InstructionKind, Phase, SyntaxError, Word};
use crate::text::TextRange;

pub use copy::is_heredoc_marker;

/// What the walk found out about a stage.
#[derive(Default)]
pub(super) struct Walked {
    /// For each row whether it executes; the FROM does not.
    pub(super) executes: Vec<bool>,
    pub(super) triggers: Vec<Trigger>,
    pub(super) context_paths: Vec<String>,
    /// The working directory at the end; `None` if none was ever set.
    workdir: Option<String>,
}

/// The result of the walk.
pub(super) struct Walk<'b, 'p> {
    bases: &'b Bases<'p>,
    globals: &'b GlobalScope,
    references: &'b mut References,
    escape: char,
    environments: Environments,
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
) -> Walk<'b, 'p> {
    let mut walk = Walk {
        bases,
        globals,
        references,
        escape,
        environments: Environments::default(),
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
        let is_scratch = matches!(&stage.base, Some(Base::Source(Source::Scratch)));
        let scope = self.environments.open(base.map(|id| ScopeId(id.0)), is_windows, is_scratch);
        self.stages.push(Walked {
            workdir: base.and_then(|id| self.stages[id.0].workdir.clone()),
            executes: vec![false],
            ..Walked::default()
        });
        for (step, expression) in base.map_or(Vec::new(), |id| onbuild(self.bases, id)) {
            self.trigger(id, base.unwrap_or(id), step, &expression, scope);
        }
        for (row, instruction) in stage.commands.iter().enumerate() {
            let here = Here { stage: id, row: row + 1, instruction, from: None, scope };
            let references = self.references.by_row.remove(&(id.0, row + 1)).unwrap_or_default();
            let executes = self.instruction(&here, &references);
            self.stages[id.0].executes.push(executes);
        }
    }

    /// Runs what an ONBUILD of the base has kept. It is read anew, and what is wrong with it belongs to the FROM.
    fn trigger(&mut self, id: StageId, base: StageId, step: usize, expression: &str, scope: ScopeId) {
        let stage = &self.bases.stages[id.0];
        let parse = syntax::parse_trigger(expression);
        let Some(instruction) = parse.instructions.first() else { return };
        let here = Here { stage: id, row: 0, instruction, from: Some(stage.from), scope };
        let references = match parse.first_error() {
            Some(error) => {
                self.references.errors.push(error.clone());
                Vec::new()
            }
            None => self.references.of_instruction(instruction, self.bases, self.escape),
        };
        let found = self.references.errors.drain(..).chain(self.references.invalid.drain(..));
        let (line, range) = (Some(stage.from.lines.first), stage.base_range);
        self.errors.extend(found.map(|error| StageError {
            stage: id,
            when: When::Triggers,
            error: SyntaxError { phase: Phase::Convert, line, range, ..error },
        }));
        let executes = self.instruction(&here, &references);
        self.stages[id.0].triggers.push(Trigger { stage: base, step, kind: instruction.kind, executes });
    }

    /// Takes one instruction in; says whether it executes.
    fn instruction(&mut self, here: &Here<'_, '_>, references: &[Reference]) -> bool {
        let args = &here.instruction.args;
        match here.instruction.kind {
            InstructionKind::Add | InstructionKind::Copy => self.copy(here, references.first()),
            InstructionKind::Run => self.run(here, references),
            InstructionKind::Workdir => return self.workdir(here),
            InstructionKind::Arg => {
                for word in args {
                    let declared =
                        self.environments.declare(here.scope, &word.text, self.globals, self.escape);
                    if let Err(message) = declared {
                        self.fail(here, word.range, message, Some(SUBSTITUTION_HELP));
                        break;
                    }
                }
            }
            InstructionKind::Env => {
                // All words see the environment before the instruction.
                let mut pairs = Vec::new();
                for triple in args.chunks(3) {
                    let [key, value, ..] = triple else { break };
                    let (Some(key), Some(value)) = (self.expand(here, key), self.expand(here, value)) else {
                        break;
                    };
                    pairs.push((key, value));
                }
                for (key, value) in pairs {
                    self.environments.set(here.scope, &key, value);
                }
            }
            InstructionKind::Label => {
                let words = args.iter().enumerate().filter(|(at, _)| at % 3 != 2).map(|(_, word)| word);
                words.map_while(|word| self.expand(here, word)).for_each(drop);
            }
            InstructionKind::Expose => self.expose(here),
            InstructionKind::Stopsignal => self.check_each(here, values::signal),
            InstructionKind::Volume => self.check_each(here, |path| {
                path.is_empty().then(|| "VOLUME specified can not be an empty string".to_owned())
            }),
            InstructionKind::User => self.check_each(here, |_| None),
            InstructionKind::Cmd
            | InstructionKind::Entrypoint
            | InstructionKind::From
            | InstructionKind::Healthcheck
            | InstructionKind::Maintainer
            | InstructionKind::Onbuild
            | InstructionKind::Shell
            | InstructionKind::Unknown => {}
        }
        steps::may_execute(here.instruction.kind)
    }

    /// Expands each argument and then judges each.
    fn check_each(&mut self, here: &Here<'_, '_>, fault: impl Fn(&str) -> Option<String>) {
        let mut values = Vec::new();
        for word in &here.instruction.args {
            let Some(value) = self.expand(here, word) else { return };
            values.push((word.range, value));
        }
        if let Some((range, message)) = values.iter().find_map(|(range, value)| Some((*range, fault(value)?)))
        {
            self.fail(here, range, message, None);
        }
    }

    fn expose(&mut self, here: &Here<'_, '_>) {
        let mut ports = Vec::new();
        let mut args: Vec<&Word<'_>> = here.instruction.args.iter().collect();
        args.sort_by(|a, b| a.text.cmp(&b.text));
        for word in args {
            let environments = &self.environments;
            let lookup = |name: &str| environments.get(here.scope, name);
            match super::expand::expand_to_words(&word.text, self.escape, &lookup) {
                Ok((words, _)) => ports.extend(words),
                Err(message) => return self.fail(here, word.range, message, Some(SUBSTITUTION_HELP)),
            }
        }
        let range = here.instruction.args.iter().map(|word| word.range).reduce(TextRange::cover);
        if let (Some(range), Some(message)) = (range, values::expose(&ports)) {
            self.fail(here, range, message, None);
        }
    }

    fn workdir(&mut self, here: &Here<'_, '_>) -> bool {
        let Some(word) = here.instruction.args.first() else { return false };
        let Some(path) = self.expand(here, word) else { return false };
        let is_windows = self.bases.stages[here.stage.0].effective_platform.os == "windows";
        let path = if is_windows { without_drive(&path) } else { path };
        let stage = &mut self.stages[here.stage.0];
        let current = stage.workdir.as_deref().unwrap_or("/");
        let joined =
            if path.starts_with('/') { go::clean_path(&path) } else { go::join_path(&[current, &path]) };
        let executes = joined != "/";
        stage.workdir = Some(joined);
        executes
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
    fn expand(&mut self, here: &Here<'_, '_>, word: &Word<'_>) -> Option<String> {
        match self.environments.expand(here.scope, &word.text, self.escape) {
            Ok(expansion) => Some(expansion.text),
            Err(message) => {
                self.fail(here, word.range, message, Some(SUBSTITUTION_HELP));
                None
            }
        }
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

const FORWARD_HELP: &str = "Stages are built from top to bottom; move that stage above this one";

/// What ONBUILD of a stage leaves to the next, with the rows.
fn onbuild(bases: &Bases<'_>, id: StageId) -> Vec<(usize, String)> {
    let commands = bases.stages[id.0].commands.iter().enumerate();
    commands
        .filter(|(_, it)| !it.broken)
        .filter_map(|(row, it)| Some((row + 1, it.expression.clone()?)))
        .collect()
}

/// The path as BuildKit asks the context for it.
fn rooted(path: &str) -> String {
    go::join_path(&["/", path])
}

/// A Windows path with slashes and without `C:`.
fn without_drive(path: &str) -> String {
    let path = path.replace('\\', "/");
    match path.as_bytes() {
        [b'c' | b'C', b':', ..] => path[2..].to_owned(),
        _ => path,
    }
}
