//! Through each stage, instruction by instruction: what its variables and its directory are at that point,
//! what it takes from the build context and from afar, and what BuildKit objects to when it gets there.
//!
//! Follows `dispatch` of `dockerfile2llb`. The environment is carried along, and from a stage into those that
//! are FROM it. Surprising: COPY and ADD read their sources only when the stage is built, so what is wrong
//! with them harms only targets that need the stage.

use super::args::{Environments, GlobalScope, ScopeId};
use super::bases::{Base, Bases, SUBSTITUTION_HELP, error};
use super::git_ref::{self, SourceForm};
use super::mount::{self, Mount, MountType};
use super::references::{Reference, References, Referent, mounts};
use super::resolve::{DraftEdge, Origin};
use super::{EdgeKind, Source, StageError, StageId, Trigger, go, steps};
use crate::syntax::{Instruction, InstructionKind, SyntaxError, Word};
use crate::text::TextRange;

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
        for (step, instruction) in base.map_or(Vec::new(), |id| onbuild(self.bases, id)) {
            let here = Here { stage: id, row: 0, instruction, from: Some(stage.from), scope };
            let references = self.references.of_instruction(instruction, self.bases, self.escape);
            let executes = self.instruction(&here, &references);
            let base = base.unwrap_or(id);
            self.stages[id.0].triggers.push(Trigger { stage: base, step, kind: instruction.kind, executes });
        }
        for (row, instruction) in stage.commands.iter().enumerate() {
            let here = Here { stage: id, row: row + 1, instruction, from: None, scope };
            let references = self.references.by_row.remove(&(id.0, row + 1)).unwrap_or_default();
            let executes = self.instruction(&here, &references);
            self.stages[id.0].executes.push(executes);
        }
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
            InstructionKind::Expose
            | InstructionKind::Stopsignal
            | InstructionKind::User
            | InstructionKind::Volume => args.iter().map_while(|word| self.expand(here, word)).for_each(drop),
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

    fn copy(&mut self, here: &Here<'_, '_>, reference: Option<&Reference>) {
        for name in ["chown", "chmod", "checksum"] {
            if let Some(word) = here.instruction.flag(name)
                && self.expand(here, word).is_none()
            {
                break;
            }
        }
        let args = &here.instruction.args;
        let Some((destination, sources)) = args.split_last() else { return };
        let sources: Vec<&Word<'_>> = sources.iter().filter(|word| !is_heredoc_marker(&word.text)).collect();
        let mut expanded: Vec<(&Word<'_>, String)> = Vec::new();
        for &word in &sources {
            let Some(text) = self.expand(here, word) else { break };
            expanded.push((word, text));
        }
        if expanded.len() == sources.len() {
            self.expand(here, destination);
        }
        self.heredoc_bodies(here);
        let is_add = here.instruction.kind == InstructionKind::Add;
        let mut local: Vec<(&Word<'_>, String)> = Vec::new();
        for (word, text) in expanded {
            let refused = match git_ref::source_form(&text) {
                SourceForm::Local => {
                    local.push((word, text));
                    continue;
                }
                SourceForm::BadGit(message) => Some(message),
                SourceForm::Git(_) if !is_add => Some("source can't be a git ref for COPY".to_owned()),
                SourceForm::Http if !is_add => Some("source can't be a URL for COPY".to_owned()),
                SourceForm::Git(_) | SourceForm::Http => None,
            };
            let broken = refused.is_some();
            if let Some(message) = refused {
                let help = (!is_add).then_some("ADD can fetch it; COPY takes paths only");
                self.fail(here, word.range, message, help);
            }
            let is_listed = is_add && !text.starts_with("http://") && !text.starts_with("https://");
            if is_listed && reference.is_none() {
                self.stages[here.stage.0].context_paths.push(rooted(&text));
            }
            let origin = Origin::Source(Source::Remote(text.clone()));
            self.edge(here, origin, EdgeKind::Copy, word.range, broken, true, vec![text]);
        }
        let paths: Vec<String> = local.iter().map(|(_, text)| rooted(text)).collect();
        match reference {
            Some(reference) => self.copy_from(here, reference, paths),
            None => {
                let Some(range) = local.iter().map(|(word, _)| word.range).reduce(TextRange::cover) else {
                    return;
                };
                self.stages[here.stage.0].context_paths.extend(paths.iter().cloned());
                self.edge(here, Origin::Source(Source::Context), EdgeKind::Copy, range, false, true, paths);
            }
        }
    }

    fn copy_from(&mut self, here: &Here<'_, '_>, reference: &Reference, paths: Vec<String>) {
        let is_forward = self.is_forward(here, reference);
        if is_forward {
            let name = self.bases.stages[here.stage.0].display_name(here.stage);
            let message = format!(
                "cannot copy from stage {}, it needs to be defined before current stage {}",
                go::quote(&reference.text),
                go::quote(&name)
            );
            self.fail(here, reference.range, message, Some(FORWARD_HELP));
        }
        let broken = is_forward || self.is_refused(here, reference);
        self.edge(
            here,
            reference.referent.clone().into(),
            EdgeKind::Copy,
            reference.range,
            broken,
            true,
            paths,
        );
    }

    fn run(&mut self, here: &Here<'_, '_>, references: &[Reference]) {
        let mut parsed: Vec<Option<Mount>> = Vec::new();
        let mut failure = None;
        for (flag, value) in mounts(here.instruction) {
            let (environments, escape) = (&self.environments, self.escape);
            let mut expand =
                |word: &str| environments.expand(here.scope, word, escape).map(|expansion| expansion.text);
            match mount::parse(value, &mut expand) {
                Ok(mount) => parsed.push(Some(mount)),
                Err(message) => {
                    parsed.push(None);
                    failure.get_or_insert((flag.range, message));
                }
            }
        }
        let failed = failure.is_some();
        if let Some((range, message)) = failure {
            self.fail_with(here, range, message.message, None, message.suggestion);
        }
        for ((mount, reference), (flag, _)) in parsed.iter().zip(references).zip(mounts(here.instruction)) {
            self.mount(here, mount.as_ref(), reference, flag.range, failed);
        }
    }

    fn mount(
        &mut self,
        here: &Here<'_, '_>,
        mount: Option<&Mount>,
        reference: &Reference,
        range: TextRange,
        failed: bool,
    ) {
        let kind = mount.map_or(MountType::Bind, |mount| mount.kind);
        let paths: Vec<String> = mount.iter().map(|mount| rooted(&mount.source)).collect();
        let uses_scratch = reference.text.is_empty() && kind == MountType::Cache;
        let is_forward = self.is_forward(here, reference) && (!reference.text.is_empty() || uses_scratch);
        if let Some(mount) = mount.filter(|_| !failed) {
            let from = if uses_scratch { "scratch" } else { &mount.from };
            let workdir = self.stages[here.stage.0].workdir.clone().unwrap_or_else(|| "/".to_owned());
            let (message, help) = if is_forward && !from.is_empty() {
                let (from, target) = (go::quote(from), go::quote(&mount.target));
                let message = format!(
                    "cannot mount from stage {from} to {target}, stage needs to be defined before current command"
                );
                (Some(message), Some(FORWARD_HELP))
            } else {
                (mount_fault(mount, &workdir), None)
            };
            if let Some(message) = message {
                self.fail(here, range, message, help);
            }
        }
        let carries = matches!(kind, MountType::Bind | MountType::Cache);
        let names_stage = matches!(reference.referent, Referent::Stage(_));
        if !reference.text.is_empty() || names_stage {
            let carries = carries && (!reference.text.is_empty() || uses_scratch);
            let broken = is_forward || self.is_refused(here, reference);
            let origin = reference.referent.clone().into();
            self.edge(here, origin, EdgeKind::Mount, range, broken, carries, paths.clone());
        }
        if reference.text.is_empty() && mount.is_some() {
            match kind {
                MountType::Bind => {
                    self.stages[here.stage.0].context_paths.extend(paths.iter().cloned());
                    self.edge(
                        here,
                        Origin::Source(Source::Context),
                        EdgeKind::Mount,
                        range,
                        false,
                        true,
                        paths,
                    );
                }
                MountType::Tmpfs => self.stages[here.stage.0].context_paths.extend(paths),
                MountType::Cache | MountType::Secret | MountType::Ssh => {}
            }
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

    fn heredoc_bodies(&mut self, here: &Here<'_, '_>) {
        for heredoc in here.instruction.heredocs.iter().filter(|heredoc| heredoc.expand) {
            let environments = &self.environments;
            let expanded =
                super::expand::expand_heredoc(heredoc.content, &|name| environments.get(here.scope, name));
            if let Err(message) = expanded {
                self.fail(here, heredoc.body, message, Some(SUBSTITUTION_HELP));
                return;
            }
        }
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
        self.errors.push(StageError { stage: here.stage, in_triggers: false, error });
    }

    #[expect(clippy::too_many_arguments, reason = "they are the fields of an edge")]
    fn edge(
        &mut self,
        here: &Here<'_, '_>,
        origin: Origin,
        kind: EdgeKind,
        range: TextRange,
        broken: bool,
        carries: bool,
        paths: Vec<String>,
    ) {
        let trigger = here.from.is_some();
        let range = if trigger { self.bases.stages[here.stage.0].base_range } else { range };
        self.edges.push(DraftEdge {
            origin,
            to: here.stage,
            step: here.row,
            kind,
            range,
            broken,
            trigger,
            carries,
            paths,
        });
    }
}

const FORWARD_HELP: &str = "Stages are built from top to bottom; move that stage above this one";

/// The instructions that ONBUILD of a stage leaves to the next, with their rows.
fn onbuild<'b, 'p>(bases: &'b Bases<'p>, id: StageId) -> Vec<(usize, &'b Instruction<'p>)> {
    let commands = bases.stages[id.0].commands.iter().enumerate();
    commands.filter_map(|(row, it)| Some((row + 1, it.onbuild.as_deref()?))).collect()
}

/// What BuildKit objects to in a mount that is well written (`dispatchRunMounts`).
fn mount_fault(mount: &Mount, workdir: &str) -> Option<String> {
    match mount.kind {
        MountType::Secret => None,
        MountType::Ssh => (!mount.source.is_empty()).then(|| "ssh does not support source".to_owned()),
        MountType::Bind | MountType::Cache | MountType::Tmpfs => {
            let is_absolute = mount.target.starts_with('/');
            let target = if is_absolute {
                mount.target.clone()
            } else {
                go::join_path(&["/", workdir, &mount.target])
            };
            (target == "/").then(|| "invalid mount target \"/\"".to_owned())
        }
    }
}

/// Whether an argument of COPY or ADD is the marker of a heredoc.
pub fn is_heredoc_marker(text: &str) -> bool {
    let text = text.trim_start_matches(|it: char| it.is_ascii_digit());
    let Some(rest) = text.strip_prefix("<<") else { return false };
    let name = rest.strip_prefix('-').unwrap_or(rest).trim_start();
    let is_one_word = |name: &str| {
        let words = super::expand::expand_to_words(name, '\\', &|_| None);
        words.is_ok_and(|(words, _)| words.len() == 1)
    };
    !name.is_empty() && !name.contains('<') && is_one_word(name)
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
