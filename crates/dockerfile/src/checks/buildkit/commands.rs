//! Through the instructions of the stages, as `dispatch` runs them.
//!
//! It carries along what the rules need to know of the instructions before: which variables are set and which are
//! declared, whether there was a SHELL, a WORKDIR, a CMD. All of that comes along with the stage that a stage is FROM,
//! but the last. The walk that makes the graph notes none of it, so that it costs nothing where nobody asks for
//! findings.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

use super::linter::Linter;
use super::multiple_instructions_disallowed::{self, Last};
use super::{
    Scope, Triggers, copy_ignored_file, expose_invalid_format, expose_proto_casing, from_lines,
    json_args_recommended, legacy_key_value_format, secrets_used_in_arg_or_env, undefined_var,
    workdir_relative_path,
};
use crate::ignore::Ignore;
use crate::stages::args::{Environments, GlobalScope, ScopeId, split_declaration};
use crate::stages::{
    ArgValue, Effect, NOT_IN_ENVIRONMENT, Stage, StageGraph, Start, When, expand, expose_fault,
    is_heredoc_marker, mount,
};
use crate::syntax::{self, Instruction, InstructionKind, Parse, Word};
use crate::text::{LineSpan, TextRange};

/// Checks the instructions of the stages that are looked at, up to the first that BuildKit refuses.
pub(super) fn check(
    parse: &Parse<'_>,
    graph: &StageGraph,
    globals: GlobalScope,
    scope: Scope<'_>,
    ignore: Option<&Ignore>,
    acc: &mut Linter,
) {
    let triggers = Triggers::of(graph, scope);
    let is_looked_at = |stage: &Stage| match scope {
        Scope::AllStages => true,
        Scope::Target(cut) => cut.is_ok_and(|cut| cut.needs(stage.id)),
    };
    let is_early = |when: When| matches!(when, When::Sources | When::Triggers);
    let stops_before = graph.stage_errors.iter().filter(|error| is_early(error.when)).any(|error| {
        let stage = &graph.stages[error.stage.0];
        is_looked_at(stage) && (error.when == When::Sources || triggers.run_in(stage.id))
    });
    if stops_before {
        return;
    }
    let of_instructions = graph.stage_errors.iter().filter(|error| error.when == When::Instructions);
    let mut walk = Walk {
        parse,
        globals,
        environments: Environments::default(),
        declared: Environments::default(),
        stages: Vec::with_capacity(graph.stages.len()),
        refused: of_instructions.filter_map(|it| Some((it.stage.0, it.error.line()?))).collect(),
        is_of_all: matches!(scope, Scope::AllStages),
        ignore,
        acc,
    };
    for stage in &graph.stages {
        walk.open(stage);
        if is_looked_at(stage) && walk.stage(stage, triggers.run_in(stage.id)).is_err() {
            return;
        }
    }
}

/// BuildKit stops here.
struct Stop;

struct Walk<'w, 'p> {
    parse: &'w Parse<'p>,
    globals: GlobalScope,
    /// The variables that are set.
    environments: Environments,
    /// The names that ARGs have declared, whether or not they are set.
    declared: Environments,
    stages: Vec<Known>,
    /// Stage and line of the instructions that are refused; triggers are at the FROM.
    refused: HashSet<(usize, u32)>,
    /// Whether all stages are looked at.
    is_of_all: bool,
    /// What `.dockerignore` says, if that is known.
    ignore: Option<&'w Ignore>,
    acc: &'w mut Linter,
}

/// What is known of a stage.
#[derive(Clone, Default)]
struct Known {
    /// The names of the variables that are set, in order, as far as they are offered as suggestions.
    names: Vec<Rc<str>>,
    has_workdir: bool,
    has_shell: bool,
    is_windows: bool,
    cmd: Last,
    entrypoint: Last,
    healthcheck: Last,
}

/// An instruction and its place.
struct Here<'h, 'p> {
    instruction: &'h Instruction<'p>,
    scope: ScopeId,
    /// The base of the FROM if a trigger runs: it shows everything.
    base: Option<TextRange>,
    lines: LineSpan,
    is_refused: bool,
}

impl Here<'_, '_> {
    fn range(&self, range: TextRange) -> TextRange {
        self.base.unwrap_or(range)
    }

    /// Where the keyword stands.
    fn keyword(&self) -> TextRange {
        self.range(self.instruction.keyword.range)
    }

    /// Where the arguments stand.
    fn arguments(&self) -> TextRange {
        let args = self.instruction.args.iter().map(|word| word.range);
        self.range(args.reduce(TextRange::cover).unwrap_or(self.instruction.keyword.range))
    }
}

impl Walk<'_, '_> {
    /// Makes room for a stage, which begins with what the stage it is FROM has come to.
    fn open(&mut self, stage: &Stage) {
        let is_windows = stage.effective_platform.os == "windows";
        let known = match &stage.start {
            Start::Stage(base) => {
                self.environments.open_on(ScopeId(base.0));
                self.declared.open_on(ScopeId(base.0));
                let Known { names, has_workdir, has_shell, .. } = self.stages[base.0].clone();
                Known { names, has_workdir, has_shell, ..Known::default() }
            }
            start @ (Start::Empty | Start::Image(_) | Start::UnknownImage) => {
                self.environments.open(start, is_windows);
                // Of an image on Windows nothing is known, not even a path.
                self.declared.open(&Start::Empty, true);
                let mut names: Vec<Rc<str>> = Vec::new();
                let mut has_shell = false;
                if let Start::Image(config) = start {
                    names.extend(config.env.iter().map(|(name, _)| Rc::from(name.as_str())));
                    has_shell = !config.shell.is_empty();
                }
                if !is_windows && !names.iter().any(|name| **name == *"PATH") {
                    names.push(Rc::from("PATH"));
                }
                names.truncate(undefined_var::MAX_CANDIDATES);
                Known { names, has_shell, ..Known::default() }
            }
        };
        self.stages.push(Known { is_windows, ..known });
    }

    fn stage(&mut self, stage: &Stage, has_triggers: bool) -> Result<(), Stop> {
        let Some((from, rows)) = stage.steps.split_first() else { return Ok(()) };
        let scope = ScopeId(stage.id.0);
        let may_be_refused = self.refused.contains(&(stage.id.0, from.lines.first));
        for (index, trigger) in stage.triggers.iter().enumerate().filter(|_| has_triggers) {
            let parse = syntax::parse_trigger(&trigger.expression);
            let Some(instruction) = parse.instructions.first() else { continue };
            let command = stage.commands.iter().find(|command| command.trigger == Some(index));
            let is_refused = may_be_refused && command.is_some_and(|it| it.effect == Effect::Nothing);
            self.acc.enter_trigger(from.lines, stage.id);
            let base = Some(stage.base_range);
            self.instruction(&Here { instruction, scope, base, lines: from.lines, is_refused })?;
        }
        // BuildKit: where all stages are checked, one that a named context stands in for is too, though it never runs.
        let is_run = !stage.replaced || self.is_of_all;
        for row in rows.iter().filter(|_| is_run) {
            let instruction = &self.parse.instructions[row.instruction];
            let is_refused = self.refused.contains(&(stage.id.0, row.lines.first));
            self.acc.enter(instruction, Some(stage.id));
            self.instruction(&Here { instruction, scope, base: None, lines: row.lines, is_refused })?;
        }
        Ok(())
    }

    fn instruction(&mut self, here: &Here<'_, '_>) -> Result<(), Stop> {
        let instruction = here.instruction;
        match instruction.kind {
            InstructionKind::Add | InstructionKind::Copy => self.copy(here)?,
            InstructionKind::Arg => self.arg(here)?,
            InstructionKind::Env | InstructionKind::Label => self.pairs(here)?,
            InstructionKind::Expose => self.expose(here)?,
            InstructionKind::Run => self.run(here)?,
            InstructionKind::Stopsignal | InstructionKind::User | InstructionKind::Volume => {
                for word in &instruction.args {
                    self.expand(here, word)?;
                }
            }
            InstructionKind::Workdir => self.workdir(here)?,
            InstructionKind::Shell => self.known(here).has_shell = !instruction.args.is_empty(),
            InstructionKind::Cmd => {
                self.used_once(here, |known| &mut known.cmd);
                let has_shell = self.known(here).has_shell;
                json_args_recommended::check(instruction, here.arguments(), has_shell, self.acc);
            }
            InstructionKind::Entrypoint => {
                self.used_once(here, |known| &mut known.entrypoint);
                let has_shell = self.known(here).has_shell;
                json_args_recommended::check(instruction, here.arguments(), has_shell, self.acc);
            }
            InstructionKind::Healthcheck => self.used_once(here, |known| &mut known.healthcheck),
            InstructionKind::From
            | InstructionKind::Maintainer
            | InstructionKind::Onbuild
            | InstructionKind::Unknown => {}
        }
        if here.is_refused { Err(Stop) } else { Ok(()) }
    }

    fn known(&mut self, here: &Here<'_, '_>) -> &mut Known {
        &mut self.stages[here.scope.0]
    }

    fn used_once(&mut self, here: &Here<'_, '_>, last: impl FnOnce(&mut Known) -> &mut Last) {
        let last = last(&mut self.stages[here.scope.0]);
        let place = (here.keyword(), here.lines);
        multiple_instructions_disallowed::check(here.instruction, place, last, self.acc);
    }

    fn copy(&mut self, here: &Here<'_, '_>) -> Result<(), Stop> {
        let instruction = here.instruction;
        for name in ["chown", "chmod", "checksum"] {
            if let Some(word) = instruction.flag(name) {
                self.expand(here, word)?;
            }
        }
        let Some((destination, sources)) = instruction.args.split_last() else { return Ok(()) };
        let is_of_context = instruction.kind == InstructionKind::Add
            || instruction.flag("from").is_none_or(|from| from.text.is_empty());
        let ignore = self.ignore.filter(|_| is_of_context);
        for word in sources.iter().filter(|word| !is_heredoc_marker(&word.text)) {
            let source = self.expand(here, word)?;
            if let Some(ignore) = ignore {
                copy_ignored_file::check(instruction, &source, here.range(word.range), ignore, self.acc);
            }
        }
        self.expand(here, destination)?;
        for word in sources.iter().filter(|_| !instruction.json) {
            let Some(name) = syntax::heredoc_name(&word.text) else { continue };
            let body = instruction.heredocs.iter().rfind(|heredoc| heredoc.name == name);
            if let Some(body) = body.filter(|body| body.expand) {
                let lookup = |name: &str| self.environments.get(here.scope, name);
                let (found, unset) =
                    from_lines::noting(&lookup, |lookup| expand::expand_heredoc(body.content, lookup));
                self.report(here, body.content, body.body, unset);
                found.ok_or(Stop)?;
            }
        }
        Ok(())
    }

    fn arg(&mut self, here: &Here<'_, '_>) -> Result<(), Stop> {
        for word in &here.instruction.args {
            let (name, default) = split_declaration(&word.text);
            let range = match undefined_var::verbatim(word).is_empty() {
                true => word.range,
                false => TextRange::new(word.range.start, word.range.start + name.len()),
            };
            secrets_used_in_arg_or_env::check("ARG", name, here.range(range), self.acc);
            if let Some(default) = default.filter(|_| self.globals.build_arg(name).is_none()) {
                let lookup = |name: &str| self.environments.get(here.scope, name);
                let (expansion, unset) = from_lines::expanded(default, self.parse.escape, &lookup);
                self.report(here, undefined_var::verbatim(word), word.range, unset);
                expansion.ok_or(Stop)?;
            }
            let is_new = self.environments.get(here.scope, name).is_none();
            let declared =
                self.environments.declare(here.scope, &word.text, &self.globals, self.parse.escape);
            let Ok((ArgValue { name, value, .. }, _)) = declared else { return Err(Stop) };
            if is_new && value.is_some() {
                self.note_name(here, name.clone());
            }
            self.declared.set(here.scope, &name, &Rc::from(""));
        }
        Ok(())
    }

    fn pairs(&mut self, here: &Here<'_, '_>) -> Result<(), Stop> {
        let instruction = here.instruction;
        let is_env = instruction.kind == InstructionKind::Env;
        let mut pairs = Vec::with_capacity(instruction.args.len() / 3);
        for triple in instruction.args.chunks(3) {
            let [key, value, sign] = triple else { break };
            let is_legacy = sign.text.is_empty();
            pairs.push((key.range, is_legacy, self.expand(here, key)?, self.expand(here, value)?));
        }
        for (range, is_legacy, key, value) in pairs {
            if is_legacy {
                legacy_key_value_format::check(instruction, here.arguments(), self.acc);
            }
            if is_env {
                secrets_used_in_arg_or_env::check("ENV", &key, here.range(range), self.acc);
                let key = Rc::from(key);
                if self.environments.get(here.scope, &key).is_none() {
                    self.note_name(here, Rc::clone(&key));
                }
                self.environments.set(here.scope, &key, &Rc::from(value));
            }
        }
        Ok(())
    }

    /// Takes in a variable that may be offered as a suggestion from here on.
    fn note_name(&mut self, here: &Here<'_, '_>, name: Rc<str>) {
        let names = &mut self.known(here).names;
        if names.len() < undefined_var::MAX_CANDIDATES {
            names.push(name);
        }
    }

    fn expose(&mut self, here: &Here<'_, '_>) -> Result<(), Stop> {
        let mut args: Vec<&Word<'_>> = here.instruction.args.iter().collect();
        args.sort_by(|a, b| a.text.cmp(&b.text));
        let mut ports = Vec::with_capacity(args.len());
        for word in args {
            let lookup = |name: &str| self.environments.get(here.scope, name);
            let found = expand::expand_to_words(&word.text, self.parse.escape, &lookup);
            let (words, _) = found.map_err(|_| Stop)?;
            ports.extend(words.into_iter().map(|port| (here.range(word.range), port)));
        }
        for (range, port) in ports {
            let fault = expose_fault(std::slice::from_ref(&port));
            if fault.as_ref().is_some_and(|fault| fault.starts_with("invalid port:")) {
                return Err(Stop);
            }
            expose_proto_casing::check(&port, range, self.acc);
            expose_invalid_format::check(&port, range, self.acc);
            if fault.is_some() {
                return Err(Stop);
            }
        }
        Ok(())
    }

    fn run(&mut self, here: &Here<'_, '_>) -> Result<(), Stop> {
        let flags = here.instruction.flags.iter().filter(|flag| flag.name.text == "mount");
        for value in flags.filter_map(|flag| flag.value.as_ref()) {
            let mut found = Vec::new();
            let mut expand = |word: &str| {
                let lookup = |name: &str| self.environments.get(here.scope, name);
                let (expansion, unset) = from_lines::expanded(word, self.parse.escape, &lookup);
                found.push(unset);
                expansion.map(|it| it.text.into_owned()).ok_or_else(String::new)
            };
            let is_read = mount::parse(&value.text, &mut expand).is_ok();
            for unset in found {
                self.report(here, undefined_var::verbatim(value), value.range, unset);
            }
            if !is_read {
                return Err(Stop);
            }
        }
        Ok(())
    }

    fn workdir(&mut self, here: &Here<'_, '_>) -> Result<(), Stop> {
        let Some(word) = here.instruction.args.first() else { return Ok(()) };
        let path = self.expand(here, word)?;
        let Known { is_windows, .. } = *self.known(here);
        if !std::mem::replace(&mut self.known(here).has_workdir, true) {
            workdir_relative_path::check(&path, here.range(word.range), is_windows, self.acc);
        }
        Ok(())
    }

    /// Expands a word, and tells of its variables that nothing has set.
    fn expand<'w>(&mut self, here: &Here<'_, '_>, word: &'w Word<'_>) -> Result<Cow<'w, str>, Stop> {
        let lookup = |name: &str| self.environments.get(here.scope, name);
        let (expansion, unset) = from_lines::expanded(&word.text, self.parse.escape, &lookup);
        self.report(here, undefined_var::verbatim(word), word.range, unset);
        expansion.map(|it| it.text).ok_or(Stop)
    }

    /// Tells of variables that nothing has set; `text` is what stands at `range`.
    fn report(&mut self, here: &Here<'_, '_>, text: &str, range: TextRange, unset: BTreeSet<String>) {
        if unset.is_empty() {
            return;
        }
        let places = undefined_var::places(text, range.start);
        for name in unset {
            let is_declared = self.declared.get(here.scope, &name).is_some();
            if !is_declared && !NOT_IN_ENVIRONMENT.contains(&name.as_str()) {
                let range = here.range(places.get(name.as_str()).copied().unwrap_or(range));
                undefined_var::add(range, &name, &self.stages[here.scope.0].names, self.acc);
            }
        }
    }
}
